import { expect, it } from 'vitest';
import { formatResults, resultsSchema } from './results-file.js';
import { failContent, hostileContent, incompleteContent, passContent } from './testing/report-content.js';

it.each([
  ['pass', passContent()],
  ['fail', failContent()],
  ['incomplete', incompleteContent()],
  ['hostile', hostileContent()],
])('holds all of the content "%s", NaN included', (_, content) => {
  const results = resultsSchema.parse(JSON.parse(formatResults(content)));
  expect(results.records).toEqual(content.records);
  expect(results.verdict).toEqual(content.verdict);
  expect(results.command).toBe(content.command);
  expect(results.images.map(({ patch_errors }) => patch_errors)).toEqual(
    content.images.map(({ patchErrors }) => [...patchErrors]),
  );
});

it('refuses what is no record', () => {
  const results = JSON.parse(formatResults(incompleteContent()));
  const unknown = resultsSchema.safeParse({ ...results, records: [{ record: 'run.party', run: '1' }] });
  expect(unknown.error?.message).toContain('run.party: is no record');
  const wrong = resultsSchema.safeParse({
    ...results,
    records: [{ record: 'run.end', run: '1', status: 'tired' }],
  });
  expect(wrong.error?.message).toContain('run.end');
});
