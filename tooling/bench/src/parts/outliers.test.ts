import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verdictOf } from '../checks.js';
import { tinyCheckpoint } from '../paths.js';
import { prepareSubject } from '../subject.js';
import { outliers } from './outliers.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outliers-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('breaks int8 with outliers planted into a tiny model, and holds the bound with a plan', async () => {
  const subject = { ...(await prepareSubject(tinyCheckpoint, 1, folder)), bounded: true };
  const stages: string[] = [];
  const { rows, checks, notes } = await outliers(subject, (stage) => stages.push(stage));
  expect(stages[0]).toBe('planting outlier channels');
  expect(rows[0]?.slice(0, 2)).toEqual(['int8 as it is', '0']);
  expect(Number(rows[0]?.[2])).toBeGreaterThan(0.05);
  expect(checks.map(verdictOf)).toEqual(['holds', 'holds']);
  expect(notes.at(-1)).toMatch(/^webssl tune: PASS/);
});
