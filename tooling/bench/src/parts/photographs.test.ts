import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '@webssl/metrics';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tinyCheckpoint } from '../paths.js';
import { prepareSubject } from '../subject.js';
import { photographs } from './photographs.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photographs-'));
});

afterEach(() => rm(folder, { recursive: true }));

it('compares the model alone with files in one session and in one a core', async () => {
  const subject = { ...(await prepareSubject(tinyCheckpoint, 2, folder)), bounded: true };
  const { rows, samples, checks, notes } = await photographs(
    subject,
    { photographs: 10, rounds: 3 },
    () => {},
  );
  const names = [
    'model alone, prepared images',
    'end to end, one session with all cores',
    'end to end, one session a core',
  ];
  expect(rows.map(([name]) => name)).toEqual(names);
  for (const name of names) {
    const rates = samples[`${name}: images per second`] ?? [];
    expect(rates).toHaveLength(3);
    for (const rate of rates) expect(rate).toBeGreaterThan(0);
  }
  expect(checks).toEqual([
    { name: 'end to end / model alone', bound: { atLeast: 0.97 }, measured: expect.any(Number) },
  ]);
  const text = notes.join('\n');
  expect(text).toMatch(/^10 images each, in 3 blocks/);
  expect(text).toMatch(/^One session (a core|with all cores) was faster here/m);
  expect(text).toMatch(/^The default is one session with all cores/m);

  // The same medians that the check and the note are made of.
  const [model = [], files = [], sessions = []] = names.map((name) => samples[`${name}: images per second`]);
  expect(checks[0]?.measured).toBe(median(files.map((rate, round) => rate / (model[round] ?? Number.NaN))));
  expect(text).toContain(
    median(sessions) > median(files) ? 'One session a core was' : 'One session with all cores was',
  );
});

it('has one session only on one thread, no bound for another model, and never an empty block', async () => {
  const subject = await prepareSubject(tinyCheckpoint, 1, folder);
  const section = await photographs(subject, { photographs: 2, rounds: 5 }, () => {});
  expect(section.rows.map(([name]) => name)).toEqual([
    'model alone, prepared images',
    'end to end, one session with all cores',
  ]);
  for (const rates of Object.values(section.samples)) expect(rates).toHaveLength(2);
  expect(section.notes.join('\n')).not.toContain('default');
  expect(section.checks).toEqual([]);
});
