import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '@webssl-tooling/browser';
import { goldenImage } from '@webssl-tooling/fixtures';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { build } from 'tsup';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { pageBuild } from '../../../tsup.page.config.js';
import { type ServerDouble, startServerDouble } from './server-double.js';

export const photographs: readonly string[] = ['astronaut.png', 'chelsea.png'];

interface OpenedPage {
  readonly page: Page;
  /** Errors of scripts and of the content security policy, messages on the console, requests to other origins. */
  readonly complaints: string[];
  /** What axe-core finds, contrast included. */
  violations(): Promise<string[]>;
  /** A card by the name of its image. */
  card(name: string): Locator;
}

export interface PageInBrowser {
  /** The folder of the built page. */
  readonly folder: string;
  /** A new one for each test. */
  readonly server: ServerDouble;
  open(options?: BrowserContextOptions): Promise<OpenedPage>;
  /** The page with two photographs, computed. */
  openWithPhotographs(options?: BrowserContextOptions): Promise<OpenedPage>;
}

/** Builds the page, starts a browser for the tests around the call and a server double for each of them. */
export function pageInBrowser(): PageInBrowser {
  let folder = '';
  let browser: Browser | undefined;
  let server: ServerDouble | undefined;
  const contexts: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webssl-page-'));
    await build(pageBuild(folder));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    server = await startServerDouble(folder);
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    await server?.close();
  });

  function started<Value>(value: Value | undefined): Value {
    if (value === undefined) throw new Error('It is there only while tests run.');
    return value;
  }

  async function open(options: BrowserContextOptions = {}): Promise<OpenedPage> {
    const { address } = started(server);
    const context = await started(browser).newContext(options);
    contexts.push(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${address}/`) && !url.startsWith('data:')) complaints.push(url);
    });
    await page.goto(address);
    return {
      page,
      complaints,
      async violations() {
        await page.evaluate(axe.source);
        return page.evaluate<string[]>(`axe.run().then(({ violations }) =>
          violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`);
      },
      card: (name) => page.locator('.card').filter({ has: page.getByRole('heading', { name, exact: true }) }),
    };
  }

  return {
    get folder() {
      return folder;
    },
    get server() {
      return started(server);
    },
    open,
    async openWithPhotographs(options = {}) {
      const opened = await open(options);
      await opened.page.setInputFiles('#files', photographs.map(goldenImage));
      await opened.page.getByText('2 of 2 images computed').waitFor();
      return opened;
    },
  };
}
