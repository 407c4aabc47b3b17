import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { browserObstacle, isBrowserMissing, launchBrowser } from '@webssl-tooling/browser';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtmlReport } from './html-report.js';
import { failContent, hostileContent, incompleteContent, passContent } from './testing/report-content.js';

const contents = {
  pass: passContent(),
  fail: failContent(),
  incomplete: incompleteContent(),
  hostile: hostileContent(),
};
const variants = Object.keys(contents);
const schemes = ['light', 'dark'] as const;

describe.skipIf(isBrowserMissing)(`report.html in a browser${browserObstacle}`, () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webssl-report-'));
    for (const [name, content] of Object.entries(contents)) {
      await writeFile(join(folder, `${name}.html`), await renderHtmlReport(content));
    }
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function withPage<T>(
    variant: string,
    options: BrowserContextOptions,
    use: (page: Page) => Promise<T>,
  ) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const seen: string[] = [];
    page.on('console', (message) => seen.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => seen.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) seen.push(`request: ${request.url()}`);
    });
    try {
      await page.goto(pathToFileURL(join(folder, `${variant}.html`)).href);
      return { result: await use(page), seen };
    } finally {
      await context.close();
    }
  }

  it.each(variants.flatMap((variant) => [375, 1280].map((width) => [variant, width] as const)))(
    'the variant %s fits %i pixels, asks for nothing and logs nothing',
    async (variant, width) => {
      const viewport = { width, height: 800 };
      const { result, seen } = await withPage(variant, { viewport }, (page) =>
        page.evaluate<[number, string[]]>(`[
          document.documentElement.scrollWidth,
          [...document.images, ...document.querySelectorAll('svg text')]
            .filter((part) => part.checkVisibility?.() && part.getBoundingClientRect().right > innerWidth + 1)
            .map((part) => part.textContent),
        ]`),
      );
      expect(seen).toEqual([]);
      expect(result).toEqual([width, []]);
    },
  );

  it('shows the verdict and a chart without JavaScript', async () => {
    const { result } = await withPage('pass', { javaScriptEnabled: false }, async (page) => [
      await page.locator('h1').textContent(),
      await page.locator('.wide .chart').first().isVisible(),
    ]);
    expect(result).toEqual([expect.stringMatching(/^PASS/), true]);
  });

  it.each(variants.flatMap((variant) => schemes.map((scheme) => [variant, scheme] as const)))(
    'the variant %s breaks no rule of accessibility in %s, contrast included',
    async (variant, colorScheme) => {
      const { result } = await withPage(variant, { colorScheme }, async (page) => {
        await page.evaluate(axe.source);
        return page.evaluate<string[]>(`axe.run().then(({ violations }) =>
          violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`);
      });
      expect(result).toEqual([]);
    },
  );

  it.each(schemes)('the text and lines of the charts stand out in %s', async (colorScheme) => {
    const { result } = await withPage('fail', { colorScheme }, (page) =>
      page.evaluate<{ page: string; text: string[]; lines: string[] }>(`({
        page: getComputedStyle(document.body).backgroundColor,
        text: [...new Set([...document.querySelectorAll('.wide .chart text')].map((text) => getComputedStyle(text).fill))],
        lines: [...new Set([...document.querySelectorAll('.legend path')].map((line) => getComputedStyle(line).stroke))],
      })`),
    );
    expect(result.text.length).toBeGreaterThanOrEqual(2);
    expect(result.lines.length).toBeGreaterThanOrEqual(2);
    // WCAG 2.2: 1.4.3 for text, 1.4.11 for graphics.
    for (const colour of result.text) expect(contrast(colour, result.page)).toBeGreaterThanOrEqual(4.5);
    for (const colour of result.lines) expect(contrast(colour, result.page)).toBeGreaterThanOrEqual(3);
  });

  it.each(variants)('the variant %s prints light, with no table wider than the paper', async (variant) => {
    // A4 less its margins, at 96 pixels an inch.
    const viewport = { width: 703, height: 1000 };
    const { result } = await withPage(variant, { viewport, colorScheme: 'dark' }, async (page) => {
      await page.emulateMedia({ media: 'print' });
      const layout = await page.evaluate<{ page: string; wide: string[] }>(`({
        page: getComputedStyle(document.body).backgroundColor,
        wide: [...document.querySelectorAll('table, pre, figure')]
          .filter((part) => part.scrollWidth > part.clientWidth + 1 || part.getBoundingClientRect().right > innerWidth + 1)
          .map((part) => part.textContent.trim().slice(0, 60)),
      })`);
      const paper = await page.pdf({ format: 'A4', preferCSSPageSize: true });
      return { ...layout, paper: paper.subarray(0, 5).toString() };
    });
    expect(result).toEqual({ page: 'rgb(255, 255, 255)', wide: [], paper: '%PDF-' });
  });
});

/** Contrast of two colours `rgb(r, g, b)` by WCAG 2.2. */
function contrast(first: string, second: string): number {
  const [darker = 0, lighter = 0] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((channel) => {
    const value = Number(channel) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
