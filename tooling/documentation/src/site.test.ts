import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { browserObstacle, isBrowserMissing, launchBrowser } from '@webssl-tooling/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

let folder: string;
let printed: string;
/** The text of every page, by its path. */
let pages: ReadonlyMap<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'documentation-site-'));
  const typedoc = join(packageFolder, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const { stdout, stderr, status } = spawnSync(process.execPath, [typedoc, '--out', folder], {
    cwd: packageFolder,
    encoding: 'utf8',
  });
  printed = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(printed);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const names = files.filter((name) => name.endsWith('.html'));
  pages = new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is made without a warning', () => expect(printed).not.toMatch(/\[(warning|error)\]/));

it('has the guide, the READMEs and the reference of every package', () => {
  expect(pages.get('index.html')).toContain('In the order in which most people need it');
  expect([...pages.keys()]).toContain(join('documents', 'What_it_is,_and_why.html'));
  expect(pages.get(join('modules', '_webssl_encoder.html'))).toContain('Ten lines');
  expect(pages.get(join('functions', '_webssl_encoder.loadEncoder.html'))).toContain(
    'Loads a model onto a device.',
  );
});

it('the reference leads to the source', () => {
  expect(pages.get(join('functions', '_webssl_encoder.loadEncoder.html'))).toContain(
    'https://github.com/webssl/webssl/blob/main/packages/encoder/src/load-encoder.ts#L',
  );
});

it('every link between its pages leads somewhere', () => {
  const broken = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/(?:href|src)="([^"]+)"/g)].flatMap(([, link = '']) => {
      if (/^(https?|data|mailto):/.test(link)) return [];
      const [path = '', anchor = ''] = link.split('#');
      const target = path === '' ? page : join(dirname(page), decodeURIComponent(path).replace(/\?.*/, ''));
      if (!existsSync(join(folder, target))) return [`${page}: ${link}`];
      if (anchor === '' || !target.endsWith('.html')) return [];
      return pages.get(target)?.includes(`id="${decodeURIComponent(anchor)}"`) ? [] : [`${page}: ${link}`];
    }),
  );
  expect(broken).toEqual([]);
});

describe.skipIf(isBrowserMissing)(`in a browser${browserObstacle}`, () => {
  it('the guide is read from its first page on, by its links, without an error', async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', ({ message }) => errors.push(message));
      await page.goto(pathToFileURL(join(folder, 'index.html')).href);
      await page.getByRole('main').or(page.locator('.col-content')).first().waitFor();
      for (const [link, heading] of [
        ['The first embedding', 'The first embedding'],
        ['Evaluation', '@webssl/evaluation'],
      ] as const) {
        await page.goto(pathToFileURL(join(folder, 'index.html')).href);
        await page.locator('.col-content').getByRole('link', { name: link, exact: true }).click();
        await page.locator('.col-content').getByRole('heading', { name: heading }).first().waitFor();
      }
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
