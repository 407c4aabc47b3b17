import { expect, it } from 'vitest';
import type { ReportContent } from './report-content.js';
import { formatResults, resultsSchema } from './results-file.js';
import { failContent, hostileContent, incompleteContent, passContent } from './testing/report-content.js';

const parse = (content: ReportContent) => JSON.parse([...formatResults(content)].join(''));

it.each([
  ['pass', passContent()],
  ['fail', failContent()],
  ['incomplete', incompleteContent()],
  ['hostile', hostileContent()],
])('holds all of the content "%s", NaN included', (_, content) => {
  const results = resultsSchema.parse(parse(content));
  expect(results.records).toEqual(content.records);
  expect(results.verdict).toEqual(content.verdict);
  expect(results.command).toBe(content.command);
  expect(results.images.map(({ patch_errors }) => patch_errors)).toEqual(
    content.images.map(({ patchErrors }) => [...patchErrors]),
  );
});

it('is in pieces, none longer than one of the many parts', () => {
  const content = passContent({ images: Array.from({ length: 100 }, (_, index) => `${index}.jpg`) });
  const { records, images } = content;
  const pieces = [...formatResults(content)];
  const parts = [...records, ...images.map(({ patchErrors }) => [...patchErrors])];
  const longest = parts.reduce((length, part) => Math.max(length, JSON.stringify(part).length), 0);
  expect(pieces.length).toBeGreaterThan(parts.length);
  for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(longest + 100);
});

it('refuses what is no record', () => {
  const results = parse(incompleteContent());
  const unknown = resultsSchema.safeParse({ ...results, records: [{ record: 'run.party', run: '1' }] });
  expect(unknown.error?.message).toContain('run.party: is no record');
  const wrong = resultsSchema.safeParse({
    ...results,
    records: [{ record: 'run.end', run: '1', status: 'tired' }],
  });
  expect(wrong.error?.message).toContain('run.end');
});
