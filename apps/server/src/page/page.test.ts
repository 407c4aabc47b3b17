import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { browserObstacle, isBrowserMissing } from '@webssl-tooling/browser';
import { goldenImage } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { stripes } from './testing/bitmap.js';
import { canvasColours, canvasPixels } from './testing/canvas-pixels.js';
import { madeFeature } from './testing/made-features.js';
import { pageInBrowser, photographs } from './testing/page-in-browser.js';

describe.skipIf(isBrowserMissing)(`what the page shows in a browser${browserObstacle}`, () => {
  const inBrowser = pageInBrowser();

  const cls = async (name: string) => [...((await made(name, 'cls'))?.data ?? [])];
  const made = async (name: string, feature: string) =>
    madeFeature(await readFile(goldenImage(name)), feature);

  it('is small: the script and the style have less than 36 kB together', async () => {
    const sizes = await Promise.all(
      ['main.js', 'style.css'].map(async (name) => (await stat(join(inBrowser.folder, name))).size),
    );
    expect(sizes[0]).toBeLessThan(30_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(36_000);
  });

  it('shows shapes, norms and latency of the images that were chosen', async () => {
    const { page, card, complaints } = await inBrowser.openWithPhotographs();
    for (const name of photographs) {
      const facts = card(name).locator('.facts');
      const norm = Math.hypot(...(await cls(name)));
      await facts.getByText(`L2 norm ${norm.toPrecision(6)}`).waitFor();
      expect(await facts.textContent()).toMatch(
        /\[64\][\s\S]*\[256, 64\][\s\S]*16 x 16 patches[\s\S]*\d+ ms/,
      );
      expect(await facts.textContent()).toContain('queue 2.5 ms, device 1,234 ms');
    }
    expect(await page.locator('#server').textContent()).toMatch(
      /facebook\/webssl-mae700m-full2b-224[\s\S]*224 x 224 pixels[\s\S]*Ascend 910B4 \(lost\)[\s\S]*3 waiting, 1 running, 61.3 images\/s/,
    );
    expect(await page.locator('#synthetic').isHidden()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('shows the cosine similarity of each image with each', async () => {
    const { page } = await inBrowser.openWithPhotographs();
    const [first = [], second = []] = await Promise.all(photographs.map(cls));
    const product = first.reduce((sum, value, index) => sum + value * (second[index] ?? Number.NaN), 0);
    const cosine = (product / Math.hypot(...first) / Math.hypot(...second)).toFixed(3);
    expect(await page.locator('#similarity td').allInnerTexts()).toEqual(['1.000', cosine, cosine, '1.000']);
    expect(await page.locator('#similarity tbody th').allInnerTexts()).toEqual([
      '1 astronaut.png',
      '2 chelsea.png',
    ]);
  });

  it('colours patches alike where their features are alike', async () => {
    const { card } = await inBrowser.openWithPhotographs();
    const { data = new Float32Array() } = (await made('astronaut.png', 'patches')) ?? {};
    const colours = await canvasPixels(card('astronaut.png').locator('.overlay'));
    expect(colours).toHaveLength(16 * 16);
    const tokens = Array.from({ length: 256 }, (_, patch) => data.subarray(patch * 64, (patch + 1) * 64));
    const distance = (from: ArrayLike<number> = [], to: ArrayLike<number> = []) =>
      Math.hypot(...Array.from(from, (value, index) => value - (to[index] ?? Number.NaN)));
    // Patches 0 and 1 lie beside each other; the farthest from 0 by its features has another colour.
    const distances = tokens.map((token) => distance(tokens[0], token));
    const far = distance(colours[0], colours[distances.indexOf(Math.max(...distances))]);
    expect(far).toBeGreaterThan(150);
    expect(distance(colours[0], colours[1])).toBeLessThan(far / 2);
  });

  it('asks for attention only when it is looked at, and shows any head', async () => {
    const { page, card, complaints } = await inBrowser.openWithPhotographs();
    const asked = () => inBrowser.server.requests.filter((request) => request.includes('attentions'));
    expect(asked()).toEqual([]);
    const overlay = card('chelsea.png').locator('.overlay');
    const before = await canvasPixels(overlay);

    await page.getByRole('radio', { name: 'CLS attention' }).check();
    const { data = new Float32Array() } = (await made('chelsea.png', 'attentions.2')) ?? {};
    const rows = [0, 1, 2, 3].map((head) => [...data.subarray(head * 257 * 257 + 1, head * 257 * 257 + 257)]);
    const caption = card('chelsea.png').locator('figcaption');
    const mean = rows[0]?.map((_, patch) => rows.reduce((sum, row) => sum + (row[patch] ?? 0) / 4, 0)) ?? [];
    const share = (value: number) => `${(value * 100).toFixed(1)} %`;
    await caption.getByText(`Brightest patch: ${share(Math.max(...mean))}`).waitFor();
    expect(asked()).toEqual(
      Array.from({ length: 2 }, () => 'POST /v1/features?features=attentions.2&normalize=false'),
    );
    expect(await canvasPixels(overlay)).not.toEqual(before);

    await page.getByLabel('Head').selectOption('Head 3');
    await caption.getByText(`Brightest patch: ${share(Math.max(...(rows[2] ?? [])))}`).waitFor();
    const brightest = rows[2]?.indexOf(Math.max(...(rows[2] ?? []))) ?? 0;
    const colours = await canvasPixels(overlay);
    expect(colours[brightest]).toEqual([252, 236, 150, 255]);
    expect(asked()).toHaveLength(2);
    expect(complaints).toEqual([]);
  });

  it('draws the part that the model sees, and fades what lies over it', async () => {
    const { page, card } = await inBrowser.open();
    // 400 x 200 is resized to 448 x 224, of which the middle 224 are seen: 100 to 300 of the image.
    const image = stripes(200, [
      { width: 92, colour: [255, 0, 0] },
      { width: 216, colour: [0, 128, 0] },
      { width: 92, colour: [0, 0, 255] },
    ]);
    await page.setInputFiles('#files', { name: 'wide.bmp', mimeType: 'image/bmp', buffer: image });
    await page.getByText('1 of 1 image computed').waitFor();
    const picture = card('wide.bmp').locator('.stack canvas').first();
    await expect.poll(() => canvasColours(picture), { timeout: 30_000 }).toEqual(['0,128,0,255']);

    await page.getByLabel('Opacity').fill('25');
    const overlay = card('wide.bmp').locator('.overlay');
    expect(await overlay.evaluate((element) => getComputedStyle(element).opacity)).toBe('0.25');
    await page.getByRole('radio', { name: 'Picture only' }).check();
    expect(await overlay.isHidden()).toBe(true);
  });

  it('says so plainly when the weights are synthetic', async () => {
    inBrowser.server.behaviour.synthetic = true;
    const { page, violations } = await inBrowser.open();
    await page.getByText('Synthetic weights.').waitFor();
    expect(await page.locator('#synthetic').textContent()).toContain('the features mean nothing');
    expect(await violations()).toEqual([]);
  });

  it('offers no attention that the server does not give', async () => {
    inBrowser.server.behaviour.served = ['cls', 'patches'];
    const { page } = await inBrowser.openWithPhotographs();
    expect(await page.getByRole('radio', { name: 'CLS attention' }).isDisabled()).toBe(true);
    expect(await page.getByText('does not give the attention').isVisible()).toBe(true);
  });
});
