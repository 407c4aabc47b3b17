import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resultsSchema } from './results-file.js';
import { parsePage } from './testing/parse-markup.js';
import { failContent, manyRecords, passContent } from './testing/report-content.js';
import { reportFiles, writeReport } from './write-report.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('writes three files into a folder that it makes, and leaves nothing else', async () => {
  const nested = join(folder, 'a', 'b');
  await writeReport(nested, passContent());
  expect((await readdir(nested)).sort()).toEqual([...reportFiles].sort());
  expect(await readFile(join(nested, 'report.html'), 'utf8')).toMatch(/^<!doctype html>.*<\/html>\n$/s);
  expect(await readFile(join(nested, 'report.md'), 'utf8')).toMatch(/^## ✅ PASS /);
  resultsSchema.parse(JSON.parse(await readFile(join(nested, 'results.json'), 'utf8')));
});

it('keeps pages small where there are many records, and has all of them in results.json', async () => {
  const content = manyRecords(20_000);
  await writeReport(folder, content);
  const [page = '', markdown = '', results = ''] = await Promise.all(
    reportFiles.map((name) => readFile(join(folder, name), 'utf8')),
  );
  expect(page.length).toBeLessThan(2_000_000);
  // A comment on GitHub holds no more.
  expect(markdown.length).toBeLessThan(65_536);
  expect(JSON.parse(results).records).toHaveLength(content.records.length);
  const parsed = parsePage(page);
  const notes = parsed.text('.note').join('\n');
  for (const [caption, total] of [
    ['Repeated runs', 5000],
    ['What was asked for and could not be had', 5000],
    ['What must hold, and what was measured', 1006],
  ] as const) {
    expect(parsed.table(caption)).toHaveLength(200);
    expect(notes).toContain(`${total - 200} more rows are left out; results.json has all ${total}.`);
  }
  expect(parsed.table('Repeated runs')[0]?.text['Identical']).toBe('no');
  expect(parsed.table('By image, worst first')).toHaveLength(50);
  expect(markdown).toContain('956 more rows are left out; results.json has all 1006.');
});

it('replaces an earlier report', async () => {
  await writeReport(folder, passContent());
  await writeReport(folder, failContent());
  const pages = await Promise.all(reportFiles.map((name) => readFile(join(folder, name), 'utf8')));
  for (const page of pages) expect(page).toContain('FAIL');
});

it('refuses a folder that is a file', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(writeReport(file, passContent())).rejects.toMatchObject({
    code: 'EVALUATION_OUTPUT_UNWRITABLE',
    message: expect.stringContaining('Name a folder that can be written.'),
  });
});
