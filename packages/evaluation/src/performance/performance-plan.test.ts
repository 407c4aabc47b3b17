import { describe, expect, it } from 'vitest';
import type { PerformanceOptions } from './performance-options.js';
import { performancePlan } from './performance-plan.js';

const least = { model: 'any', devices: [{ device: 'cpu' }] };

describe('performancePlan', () => {
  it('fills in the defaults that the documentation tells', () => {
    expect(performancePlan(least)).toEqual({
      devices: [{ label: 'cpu', choice: { device: 'cpu' } }],
      batches: [1, 4],
      warmup: 1,
      minSeconds: 3,
      minIterations: 5,
      concurrency: 1,
      endToEnd: false,
    });
  });

  it('takes the least of everything, and one device with different options', () => {
    const devices = [{ device: 'cpu' }, { device: 'cpu', threads: 1 }];
    const plan = performancePlan({ ...least, devices, batches: [4, 1], warmup: 0, minSeconds: 0 });
    expect(plan).toMatchObject({ batches: [4, 1], warmup: 0, minSeconds: 0 });
    expect(plan.devices.map(({ label }) => label)).toEqual(['cpu', 'cpu[threads:1]']);
  });

  it.each<[string, Partial<PerformanceOptions>, RegExp]>([
    ['no device', { devices: [] }, /devices is empty/],
    ['a device twice', { devices: [{ device: 'cpu' }, { device: 'cpu' }] }, /devices names cpu twice/],
    ['no batch size', { batches: [] }, /batches is empty/],
    ['a batch of none', { batches: [1, 0] }, /batches .* at least 1, not 0/],
    ['half an image', { batches: [1.5] }, /batches .* whole number .* not 1.5/],
    ['a batch size twice', { batches: [4, 1, 4] }, /batches names 4 twice/],
    ['no image', { images: [] }, /images is empty/],
    ['a negative time', { minSeconds: -1 }, /minSeconds .* not -1/],
    ['a time that is no number', { minSeconds: Number.NaN }, /minSeconds .* not NaN/],
    ['a time without end', { minSeconds: Infinity }, /minSeconds .* not Infinity/],
    ['no iteration', { minIterations: 0 }, /minIterations .* not 0/],
    ['a negative warm-up', { warmup: -1 }, /warmup .* at least 0, not -1/],
    ['nothing in flight', { concurrency: 0 }, /concurrency .* not 0/],
    ['a part of a run in flight', { concurrency: 1.5 }, /concurrency .* not 1.5/],
  ])('refuses %s', (_, options, message) => {
    expect(() => performancePlan({ ...least, ...options })).toThrow(
      expect.objectContaining({
        code: 'EVALUATION_OPTION_INVALID',
        message: expect.stringMatching(message),
      }),
    );
  });
});
