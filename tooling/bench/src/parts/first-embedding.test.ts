import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { weightBits } from '@webssl/backend-cpu';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { verdictOf } from '../checks.js';
import { tinyCheckpoint } from '../paths.js';
import { canReadProcessTree } from '../process-tree.js';
import { prepareSubject } from '../subject.js';
import { firstEmbedding } from './first-embedding.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'first-'));
  // The int8 weights of a test are no one else's.
  vi.stubEnv('WEBSSL_CACHE', join(folder, 'cache'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** The real command on a tiny model: its features mean something, its times do not. */
it('has float32 and int8, each in fresh processes, and says how far int8 is from float32', async () => {
  const subject = { ...(await prepareSubject(tinyCheckpoint, 1, folder)), bounded: true };
  const python = { id: 'python', name: 'Python', missing: 'not here' } as const;
  const { rows, checks, samples } = await firstEmbedding(subject, [python], 1, () => {});

  expect(rows.map(([name]) => name)).toEqual(['webssl embed', 'webssl embed --device cpu:int8']);
  expect(samples['webssl: seconds']).toHaveLength(1);
  expect(samples['webssl int8: seconds']).toHaveLength(1);
  const error = rows[1]?.[6];
  expect(Number(error)).toBeGreaterThan(1e-7);
  expect(Number(error)).toBeLessThan(0.01);
  // Made in the round that warms up, where later rounds find them.
  expect(existsSync(join(folder, 'cache'))).toBe(true);

  expect(checks.map(({ name, bound }) => [name, bound])).toEqual([
    ["first embedding / Python's", { atMost: 0.45 }],
    ["int8 first embedding / Python's", { atMost: 0.3 }],
    ['first embedding', { atMost: 2.7 }],
    ['peak resident memory of all processes', { atMost: 3 }],
    ['bytes written to disk / weights', { atMost: 0.01 }],
  ]);
  const measured = new Map(checks.map((check) => [check.name, check.measured]));
  expect(measured.get("first embedding / Python's")).toEqual({ missing: 'not here' });
  expect(measured.get("int8 first embedding / Python's")).toEqual({
    missing: weightBits() === 7 ? expect.stringContaining('VNNI') : 'not here',
  });
  // Memory is that of float32, whatever int8 takes.
  if (canReadProcessTree()) {
    const [peak = 0] = samples['webssl: peak resident bytes'] ?? [];
    expect(measured.get('peak resident memory of all processes')).toBe(peak / 1e9);
    expect(samples['webssl int8: peak resident bytes']).toHaveLength(1);
  }
  expect(checks.filter((check) => verdictOf(check) === 'not measured')).toHaveLength(
    canReadProcessTree() ? 2 : 3,
  );
});
