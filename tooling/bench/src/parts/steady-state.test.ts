import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { weightBits } from '@webssl/backend-cpu';
import { median } from '@webssl/metrics';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { verdictOf } from '../checks.js';
import { tinyCheckpoint } from '../paths.js';
import type { Peer } from '../peers/peer.js';
import { websslFirst, websslSteady } from '../peers/webssl.js';
import { prepareSubject } from '../subject.js';
import { lacksVnni } from '../vnni.js';
import { steadyState } from './steady-state.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steady-'));
  // The int8 weights of a test are no one else's.
  vi.stubEnv('WEBSSL_CACHE', join(folder, 'cache'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Real programs on a tiny model: their errors mean something, their times do not. */
it('has float32 in both modes, CLS alone and int8, and says how far each is from float32', async () => {
  const subject = { ...(await prepareSubject(tinyCheckpoint, 1, folder)), bounded: true };
  const python = { id: 'python', name: 'Python', missing: 'not here' } as const;
  const { rows, checks } = await steadyState(subject, [python], 2, () => {});
  const errors = new Map(rows.map((cells) => [cells[0], cells[6]]));
  expect(errors.get('webssl throughput')).toBe('');
  // Packed weights are summed up in another order.
  expect(Number(errors.get('webssl coldStart'))).toBeLessThan(1e-10);
  expect(Number(errors.get('webssl CLS only'))).toBeLessThan(1e-10);
  expect(Number(errors.get('webssl int8'))).toBeGreaterThan(1e-6);
  expect(Number(errors.get('webssl int8'))).toBeLessThan(0.01);
  const rates = new Map(rows.map((cells) => [cells[0], cells[3]]));
  expect(Number(rates.get('webssl throughput'))).toBeGreaterThan(0);
  expect(rates.get('webssl int8')).toBe('');
  expect(rates.get('webssl CLS only')).toBe('');

  expect(checks.map(({ name, bound }) => [name, bound])).toEqual([
    ['steady rate / MatMul rate', { atLeast: 0.8 }],
    ["steady time / PyTorch's", { atMost: 0.92 }],
    ['CLS-only time / full state', { atMost: 0.98 }],
    ["int8 time / PyTorch's in FP32", { atMost: 0.34 }],
    ['int8 NMSE to FP32', { atMost: 0.003 }],
  ]);
  const verdicts = new Map(checks.map((check) => [check.name, verdictOf(check)]));
  expect(verdicts.get('int8 NMSE to FP32')).toBe('holds');
  const int8Time = checks.find(({ name }) => name === "int8 time / PyTorch's in FP32");
  expect(int8Time?.measured).toEqual({
    missing: weightBits() === 7 ? expect.stringContaining('VNNI') : 'not here',
  });
});

it('compares CLS alone and int8 with their own times, and int8 with Python only where there is VNNI', async () => {
  const subject = { ...(await prepareSubject(tinyCheckpoint, 1, folder)), bounded: true };
  const variant = { device: 'cpu', mode: 'coldStart', output: 'last_hidden_state' } as const;
  const python: Peer = {
    id: 'python',
    // Stands in for it: same protocol, same features.
    name: 'Python',
    first: () => websslFirst(subject, join(folder, 'unused')),
    steady: (features) => websslSteady(subject, variant, features),
  };
  const { checks, samples } = await steadyState(subject, [python], 2, () => {});
  const measured = new Map(checks.map((check) => [check.name, check.measured]));
  const timeOf = (id: string) => median(samples[`${id}: seconds`] ?? []);
  expect(measured.get("steady time / PyTorch's")).toBe(timeOf('webssl throughput') / timeOf('python'));
  const clsRatios = samples['webssl CLS only: of the time of webssl throughput'] ?? [];
  expect(clsRatios).toHaveLength(2);
  expect(measured.get('CLS-only time / full state')).toBe(median(clsRatios));
  expect(measured.get("int8 time / PyTorch's in FP32")).toEqual(
    lacksVnni() ?? timeOf('webssl int8') / timeOf('python'),
  );
});

it('has no bounds for another model', async () => {
  const subject = await prepareSubject(tinyCheckpoint, 1, folder);
  const python = { id: 'python', name: 'Python', missing: 'not here' } as const;
  expect((await steadyState(subject, [python], 1, () => {})).checks).toEqual([]);
});
