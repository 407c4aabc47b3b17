import { browserObstacle, isBrowserMissing } from '@webssl-tooling/browser';
import { goldenImage } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { pageInBrowser } from './testing/page-in-browser.js';

const notAnImage = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no image at all') };

describe.skipIf(isBrowserMissing)(`the page when the server refuses, in a browser${browserObstacle}`, () => {
  const inBrowser = pageInBrowser();

  it('says what the server refuses, beside the images that it took', async () => {
    const { page, card } = await inBrowser.openWithPhotographs();
    await page.setInputFiles('#files', notAnImage);
    await page.getByText('2 of 3 images computed, 1 failed').waitFor();
    expect(await card('notes.txt').locator('.notice').textContent()).toBe(
      'IMAGE_FORMAT_UNSUPPORTED This is not an image of a known format (it begins with 6e6f). <b>Convert</b> it.',
    );
    expect(await page.locator('#similarity tbody tr').count()).toBe(2);
    await card('notes.txt').getByRole('button', { name: 'Remove notes.txt' }).click();
    await page.getByText('2 of 2 images computed').waitFor();
  });

  it('waits as long as a busy server asks, and tries again', async () => {
    const { page } = await inBrowser.open();
    inBrowser.server.behaviour.busy = 2;
    // What is said for a second only is written down when it is.
    await page.evaluate(`{
      window.said = new Set();
      new MutationObserver(() => {
        for (const notice of document.querySelectorAll('.notice')) said.add(notice.textContent);
      }).observe(document.body, { subtree: true, childList: true });
    }`);
    await page.setInputFiles('#files', goldenImage('china.jpg'));
    await page.getByText('1 of 1 image computed').waitFor();
    const said = await page.evaluate<string[]>('[...said]');
    expect(said.filter((text) => text.includes('busy'))).toEqual([
      'The server is busy: again in 1 s (1 of 3)',
      'The server is busy: again in 1 s (2 of 3)',
    ]);
    expect(inBrowser.server.requests.filter((request) => request.startsWith('POST'))).toHaveLength(3);
  });

  it('gives a busy server up after three repetitions, until it is told to go on', async () => {
    const { page, card } = await inBrowser.open();
    inBrowser.server.behaviour.busy = 4;
    await page.setInputFiles('#files', goldenImage('china.jpg'));
    await card('china.jpg').getByText('QUEUE_FULL').waitFor();
    await card('china.jpg').getByRole('button', { name: 'Try again' }).click();
    await page.getByText('1 of 1 image computed').waitFor();
  });

  it('asks for the key that the server wants, keeps it in this tab only, and goes on', async () => {
    inBrowser.server.behaviour.key = 'right';
    const { page, violations } = await inBrowser.open();
    await page.getByText('API_KEY_MISSING: This server asks for an API key.').waitFor();
    expect(await violations()).toEqual([]);
    await page.setInputFiles('#files', goldenImage('china.jpg'));
    const field = page.getByLabel('API key');
    expect(await field.getAttribute('type')).toBe('password');
    await field.fill('wrong');
    await field.press('Enter');
    await page.getByText('API_KEY_UNKNOWN').waitFor();
    await field.fill('right');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('1 of 1 image computed').waitFor();
    expect(await field.isHidden()).toBe(true);
    const stores = 'JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])';
    expect(await page.evaluate(stores)).toBe('[{"webssl-api-key":"right"},{},""]');

    // The key is taken back: the next image waits for another one.
    inBrowser.server.behaviour.key = 'newer';
    await page.setInputFiles('#files', goldenImage('flower.jpg'));
    await field.fill('newer');
    await field.press('Enter');
    await page.getByText('2 of 2 images computed').waitFor();
  });

  it('says when the server is gone', async () => {
    const { page, card } = await inBrowser.openWithPhotographs();
    await inBrowser.server.close();
    await page.setInputFiles('#files', goldenImage('flower.jpg'));
    await card('flower.jpg').getByText('SERVER_UNREACHABLE').waitFor();
    await page.getByText('2 of 3 images computed, 1 failed').waitFor();
  });
});
