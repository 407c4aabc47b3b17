import { readFileSync } from 'node:fs';
import { browserObstacle, isBrowserMissing, launchBrowser } from '@webssl-tooling/browser';
import { goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { startTestServer } from '../testing/test-server.js';

interface Answer {
  readonly results: readonly { readonly features: { readonly cls: { readonly data: readonly number[] } } }[];
}

let server: RunningServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.ready;
});
afterAll(() => server.close());

it.each([
  ['/', 'text/html; charset=utf-8'],
  ['/main.js', 'application/javascript; charset=utf-8'],
  ['/style.css', 'text/css; charset=utf-8'],
])('%s is served as %s, and may load nothing from elsewhere', async (path, type) => {
  const { status, headers } = await fetch(server.address + path);
  expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type });
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
});

describe.skipIf(isBrowserMissing)(`the page on a real server${browserObstacle}`, () => {
  it('shows what the server computes of an image', async () => {
    const photograph = goldenImage('china.jpg');
    const answer = await fetch(`${server.address}/v1/features`, {
      method: 'POST',
      body: readFileSync(photograph),
      headers: { 'content-type': 'image/jpeg' },
    });
    const { results } = (await answer.json()) as Answer;
    const norm = Math.hypot(...(results[0]?.features.cls.data ?? []));

    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(server.address);
      await page.setInputFiles('#files', photograph);
      await page.getByText(`L2 norm ${norm.toPrecision(6)}`).waitFor();
      await page.getByRole('radio', { name: 'CLS attention' }).check();
      await page.getByText('Brightest patch:').waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
