import { describe, expect, it } from 'vitest';
import { allHold, type Check, verdictOf } from './checks.js';

function check(bound: Check['bound'], measured: Check['measured']): Check {
  return { name: 'a bound', bound, measured };
}

describe('verdictOf', () => {
  it('counts the bound itself as held, on either side', () => {
    expect(verdictOf(check({ atMost: 2.7 }, 2.7))).toBe('holds');
    expect(verdictOf(check({ atMost: 2.7 }, 2.71))).toBe('BROKEN');
    expect(verdictOf(check({ atLeast: 0.8 }, 0.8))).toBe('holds');
    expect(verdictOf(check({ atLeast: 0.8 }, 0.79))).toBe('BROKEN');
  });

  it('never lets NaN pass', () => {
    expect(verdictOf(check({ atMost: 1 }, Number.NaN))).toBe('BROKEN');
    expect(verdictOf(check({ atLeast: 1 }, Number.NaN))).toBe('BROKEN');
  });
});

describe('allHold', () => {
  const missing = check({ atMost: 1 }, { missing: 'no Python' });

  it('lets what could not be measured pass', () => {
    expect(allHold([check({ atMost: 1 }, 0.5), missing])).toBe(true);
  });

  it('is false when one bound is broken', () => {
    expect(allHold([check({ atMost: 1 }, 0.5), missing, check({ atMost: 1 }, 2)])).toBe(false);
  });
});
