import type { RunResult } from '@webssl/backend';
import { describe, expect, it } from 'vitest';
import { measureRuns } from './measured-runs.js';

/** Runs that end when the test says so. */
function held() {
  const waiting: { resolve(result: RunResult): void; reject(error: Error): void }[] = [];
  const run = () =>
    new Promise<RunResult>((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
  return { run, waiting };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('measureRuns', () => {
  it('replaces each run that is done, and waits for the last ones', async () => {
    const { run, waiting } = held();
    let ended = false;
    const measuring = measureRuns(run, { concurrency: 2, isEnough: (submitted) => submitted >= 3 });
    void measuring.then(() => {
      ended = true;
    });
    await settled();
    expect(waiting).toHaveLength(2);
    waiting[1]?.resolve({ tensors: {}, timing: { compute: 2 } });
    await settled();
    expect(waiting).toHaveLength(3);
    waiting[2]?.resolve({ tensors: {}, timing: { compute: 3 } });
    await settled();
    expect(waiting).toHaveLength(3);
    expect(ended).toBe(false);
    waiting[0]?.resolve({ tensors: {}, timing: { compute: 1 } });
    const measured = await measuring;
    const { runs, seconds } = measured;
    expect(measured.first?.timing?.compute).toBe(1);
    expect(measured.last?.timing?.compute).toBe(3);
    expect(runs.map(({ timing }) => timing?.compute)).toEqual([1, 2, 3]);
    const [first = 0, second = 0, third = 0] = runs.map(({ milliseconds }) => milliseconds);
    expect(first).toBeGreaterThanOrEqual(second);
    expect(second + third).toBeLessThanOrEqual(seconds * 1000);
  });

  it('submits no more after a failure, and tells of it when nothing is in flight', async () => {
    const { run, waiting } = held();
    let failed = false;
    const measuring = measureRuns(run, { concurrency: 3, isEnough: () => false });
    measuring.catch(() => {
      failed = true;
    });
    await settled();
    waiting[1]?.reject(new Error('no memory'));
    await settled();
    waiting[0]?.resolve({ tensors: {} });
    await settled();
    expect(failed).toBe(false);
    waiting[2]?.reject(new Error('another'));
    await expect(measuring).rejects.toThrow('no memory');
    expect(waiting).toHaveLength(3);
  });

  it('leaves the runs in flight when it is stopped, and submits no more', async () => {
    const { run, waiting } = held();
    const controller = new AbortController();
    const { signal } = controller;
    const measuring = measureRuns(run, { concurrency: 2, isEnough: () => false, signal });
    const told = expect(measuring).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await told;
    for (const { resolve } of waiting) resolve({ tensors: {} });
    await settled();
    expect(waiting).toHaveLength(2);
  });

  it('runs nothing when it is enough from the start', async () => {
    const { run, waiting } = held();
    const { runs } = await measureRuns(run, { concurrency: 2, isEnough: () => true });
    expect(runs).toEqual([]);
    expect(waiting).toEqual([]);
  });
});
