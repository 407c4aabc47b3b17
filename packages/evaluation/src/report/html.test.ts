import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { expect, it } from 'vitest';
import { html, visibleText } from './html.js';

it('keeps any text as text, in content and in attributes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { document } = parseHTML(
        `<!doctype html><html><body>${html`<p title="${text}">${text}</p>`}</body></html>`,
      );
      expect(document.querySelectorAll('body *')).toHaveLength(1);
      expect(document.querySelector('p')?.textContent).toBe(visibleText(text));
      expect(document.querySelector('p')?.getAttribute('title')).toBe(visibleText(text));
    }),
  );
});

it('keeps markup that it made itself, joins lists and leaves nothing of what is absent', () => {
  expect(
    html`<ul>${['<a>', 'b'].map((text) => html`<li>${text}</li>`)}${undefined}${false}</ul>${1.5}`.markup,
  ).toBe('<ul><li>&lt;a&gt;</li><li>b</li></ul>1.5');
});

it('shows that a name holds what cannot be seen', () => {
  expect(visibleText('a\u0000b\u202Ec\uD800d\ne')).toBe('a\uFFFDb\uFFFDc\uFFFDd\ne');
});
