import { readFile } from 'node:fs/promises';
import { browserObstacle, isBrowserMissing } from '@webssl-tooling/browser';
import { goldenImage } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { pageInBrowser, photographs } from './testing/page-in-browser.js';

const notAnImage = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no image at all') };

describe.skipIf(isBrowserMissing)(`the use of the page in a browser${browserObstacle}`, () => {
  const inBrowser = pageInBrowser();

  it('takes images that are dropped or pasted', async () => {
    const { page, card, complaints } = await inBrowser.open();
    const bytes = [...(await readFile(goldenImage('flower.jpg')))];
    for (const [type, name] of [
      ['drop', 'dropped.jpg'],
      ['paste', 'pasted.jpg'],
    ] as const) {
      await page.evaluate(
        ({ bytes, type, name }) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(bytes)], name, { type: 'image/jpeg' }));
          const event =
            type === 'drop'
              ? new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true })
              : new ClipboardEvent(type, { clipboardData: data, bubbles: true });
          document.body.dispatchEvent(event);
        },
        { bytes, type, name },
      );
      await card(name).getByText('L2 norm').waitFor();
    }
    expect(await page.locator('#similarity td').allInnerTexts()).toEqual([
      '1.000',
      '1.000',
      '1.000',
      '1.000',
    ]);
    expect(complaints).toEqual([]);
  });

  it('forgets images that are removed, also while they are computed', async () => {
    const { page, complaints } = await inBrowser.open();
    let release: () => void = () => {};
    inBrowser.server.behaviour.held = new Promise((resolve) => {
      release = resolve;
    });
    await page.setInputFiles('#files', photographs.map(goldenImage));
    await page.getByText('Computing').first().waitFor();
    await page.getByRole('button', { name: 'Remove astronaut.png' }).click();
    release();
    await page.getByText('1 of 1 image computed').waitFor();
    await page.getByRole('button', { name: 'Remove all' }).click();
    expect(await page.locator('#results').isHidden()).toBe(true);
    expect(await page.locator('.card').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const { page } = await inBrowser.open();
    // Asked for well before the key: the browser needs a moment until it hands its chooser over.
    const chooser = page.waitForEvent('filechooser');
    await page.locator('#server dd').first().waitFor();
    const focused = () =>
      page.evaluate<string>(`(() => {
        const { ariaLabel, id, value, textContent } = document.activeElement;
        return ariaLabel || id || value || textContent;
      })()`);
    const outlined = () =>
      page.evaluate<boolean>(`[document.activeElement, document.activeElement.closest('label')]
        .some((part) => part && getComputedStyle(part).outlineStyle === 'solid')`);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('files');
    expect(await outlined()).toBe(true);
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(photographs.map(goldenImage));
    await page.getByText('2 of 2 images computed').waitFor();

    const order: string[] = [];
    for (let step = 0; step < 6; step++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
      expect(await outlined()).toBe(true);
    }
    expect(order).toEqual([
      'remove-all',
      'colours',
      'opacity',
      'Remove astronaut.png',
      'Remove chelsea.png',
      'similarity-scroll',
    ]);
    for (let step = 0; step < 4; step++) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowRight');
    await page.getByText('Brightest patch').first().waitFor();
    expect(await focused()).toBe('layer-attention');
    for (let step = 0; step < 3; step++) await page.keyboard.press('Tab');
    expect(await focused()).toBe('Remove astronaut.png');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Remove chelsea.png');
    await page.keyboard.press('Space');
    expect(await focused()).toBe('files');
  });

  it.each([375, 1280])('does not scroll sideways at %i pixels', async (width) => {
    inBrowser.server.behaviour.synthetic = true;
    const { page } = await inBrowser.openWithPhotographs({ viewport: { width, height: 700 } });
    const long = `${'a-very-long-name-without-a-space'.repeat(4)}.jpg`;
    await page.setInputFiles('#files', [
      { name: long, mimeType: 'image/jpeg', buffer: await readFile(goldenImage('flower.jpg')) },
      { ...notAnImage, name: 'x'.repeat(80) },
    ]);
    await page.getByText('3 of 4 images computed, 1 failed').waitFor();
    for (const view of ['CLS attention', 'Patch colours']) {
      await page.getByRole('radio', { name: view }).check();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  it.each(['light', 'dark'] as const)(
    'breaks no rule of accessibility in %s, contrast included',
    async (scheme) => {
      const { page, violations, complaints } = await inBrowser.openWithPhotographs({ colorScheme: scheme });
      expect(await violations()).toEqual([]);
      expect(complaints).toEqual([]);
      await page.setInputFiles('#files', notAnImage);
      await page.getByText('2 of 3 images computed, 1 failed').waitFor();
      await page.getByRole('radio', { name: 'CLS attention' }).check();
      await page.getByText('Brightest patch').nth(1).waitFor();
      expect(await violations()).toEqual([]);
      const [background] = await page.evaluate<number[]>(
        `getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)`,
      );
      expect((background ?? Number.NaN) < 128).toBe(scheme === 'dark');
    },
  );
});
