import { describe, expect, it } from 'vitest';
import { randomFaultPlan } from './random-fault-plan.js';

const options = { fileBytes: 50_000_000, count: 8, path: 'model.safetensors' };
const plans = Array.from({ length: 300 }, (_, seed) => randomFaultPlan(seed, options));

describe('randomFaultPlan', () => {
  it('gives the same plan for the same seed, and others for others', () => {
    expect(randomFaultPlan(11, options)).toEqual(randomFaultPlan(11, options));
    expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(plans.length);
  });

  it('has as many rules as asked, each striking once, and alters bytes at most once', () => {
    for (const plan of plans) {
      expect(plan.length).toBe(8);
      expect(plan.every(({ times }) => times === undefined)).toBe(true);
      expect(plan.filter(({ fault }) => fault.kind === 'alter').length).toBeLessThanOrEqual(1);
    }
  });

  it('uses every recoverable kind', () => {
    const kinds = new Set(plans.flat().map(({ fault }) => fault.kind));
    expect([...kinds].sort()).toEqual([
      'alter',
      'chunked',
      'delay',
      'disconnect',
      'drop',
      'expiredUrl',
      'ignoreRange',
      'refuseRange',
      'slow',
      'stall',
      'status',
      'truncate',
      'withoutHeaders',
    ]);
  });

  it('damages bodies on the CDN host only, inside the file', () => {
    for (const { on, path, fault } of plans.flat()) {
      if (!['drop', 'stall', 'truncate', 'alter'].includes(fault.kind)) continue;
      expect({ on, path }).toEqual({ on: 'cdn', path: 'model.safetensors' });
      if (fault.kind === 'alter') expect(fault.offset).toBeLessThan(options.fileBytes);
      if (fault.kind === 'drop') expect(fault.afterBytes).toBeLessThan(options.fileBytes);
    }
  });

  it('alters bytes in a way that shows', () => {
    const masks = plans.flat().flatMap(({ fault }) => (fault.kind === 'alter' ? [fault.mask ?? 0] : []));
    expect(masks.length).toBeGreaterThan(10);
    for (const mask of masks) expect(mask & 0xff).not.toBe(0);
  });
});
