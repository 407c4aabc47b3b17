import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resultsSchema } from './results-file.js';
import { failContent, passContent } from './testing/report-content.js';
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
