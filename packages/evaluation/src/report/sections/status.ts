import type { Rule } from '@webssl/checker';
import { type Html, html } from '../html.js';

const shapes: Readonly<Record<Rule['status'], Html>> = {
  PASS: html`<circle cx="8" cy="8" r="8"/><path d="M4.2,8.3l2.6,2.6L11.8,5.6"/>`,
  FAIL: html`<path class="fill" d="M4.7,0h6.6L16,4.7v6.6L11.3,16H4.7L0,11.3V4.7z"/><path d="M5,5l6,6M11,5l-6,6"/>`,
  MISSING: html`<path class="fill" d="M8,0.5L16,15.5H0z"/><path d="M8,5.5v5M8,12.4v1"/>`,
};

/** A status as word, shape and colour. */
export function status(name: Rule['status']): Html {
  return html`<span class="status ${name.toLowerCase()}"><svg viewBox="0 0 16 16" aria-hidden="true">${shapes[name]}</svg>${name}</span>`;
}
