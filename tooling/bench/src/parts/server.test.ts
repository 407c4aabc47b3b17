import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { verdictOf } from '../checks.js';
import { tinyCheckpoint } from '../paths.js';
import { canReadProcessTree } from '../process-tree.js';
import { prepareSubject } from '../subject.js';
import { serverUnderLoad } from './server.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-load-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Real programs, real sockets; only the figures of so short a run mean nothing. */
it('gets every answer right, from one client to more than the queue holds', async () => {
  const subject = await prepareSubject(tinyCheckpoint, 1, folder);
  const options = { photographs: 3, clients: [1, 4], rounds: 1, turnSeconds: 0.5, overloadSeconds: 2 };
  const [load, overload, ...others] = await serverUnderLoad(subject, options, () => {});

  expect(others).toEqual([]);
  expect(load?.rows.map(([name]) => name)).toEqual([
    'the encoder alone',
    '1 client',
    '4 clients',
    'GET /livez, 16 clients asking',
  ]);
  for (const name of ['the encoder alone', '1 client', '4 clients']) {
    expect(load?.samples[`${name}: images per second`]).toHaveLength(1);
  }
  expect(load?.samples['GET /livez, 16 clients asking: seconds']?.length).toBeGreaterThan(0);

  const checks = [...(load?.checks ?? []), ...(overload?.checks ?? [])];
  expect(checks.map((check) => [check.name, verdictOf(check)])).toEqual([
    ['answers lost, wrong or mixed up', 'holds'],
    ['answers lost, wrong or mixed up under overload', 'holds'],
    ['requests refused under overload', 'holds'],
  ]);
  expect(overload?.samples['answers: seconds']?.length).toBeGreaterThan(0);
  if (canReadProcessTree()) expect(overload?.samples['memory: bytes each second']?.length).toBeGreaterThan(0);
});
