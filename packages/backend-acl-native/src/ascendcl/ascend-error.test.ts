import { describe, expect, it } from 'vitest';
import { ascendError, type CallStage } from './ascend-error.js';
import { errorMeaning, errorMeanings } from './error-meaning.js';

/** The codes of CANN 8.5, by header. */
const documented = [
  ...range(100000, 100045),
  ...range(148046, 148051),
  148053,
  ...range(200000, 200007),
  300000,
  ...range(500000, 500005),
  ...[
    107000, 107001, 107002, 107003, 107004, 107005, 107008, 107016, 107017, 107018, 107019, 107020, 107022,
    107023,
  ],
  ...[207000, 207001, 207002, 207003, 207004, 207005, 207006, 207007, 207008, 207012, 207018],
  ...[507000, 507001, 507002, 507008, 507009, ...range(507010, 507018), 507033, 507034, 507035, 507036],
  ...[507046, 507047, 507048, 507049, 507050, 507053, 507054, 507055, 507056, 507899, 507900, 507901],
  ...[145000, 145001, 145002, 145003, 145006, 145007, 145009, 145011, 145012, 145013, 145014, 145015, 145016],
  ...[145020, 145021, 145022, 245000, 245001, 245002, ...range(545000, 545009), 545601],
];

describe('the table', () => {
  it('has every documented code, and no other', () => {
    expect([...errorMeanings.keys()].sort()).toEqual([...new Set(documented)].sort());
  });

  it('has a name of its own for every code', () => {
    expect(new Set([...errorMeanings.values()].map(({ name }) => name)).size).toBe(errorMeanings.size);
  });

  it.each([
    ['shed', [207001, 207018, 245000, 200000]],
    ['renew', [507010, 507014, 507015, 507046, 107020, 107023, 545601, 507012, 500003]],
    ['give-up', [507053, 507054, 507055, 507056]],
    ['refuse', [100000, 107002, 145011, 145013, 500002, 100039, 207006, 107001]],
  ] as const)('says to %s at %j', (policy, codes) => {
    expect(codes.map((code) => errorMeaning(code).policy)).toEqual(codes.map(() => policy));
  });

  it.each([
    [109999, 'refuse'],
    [209999, 'shed'],
    [509999, 'renew'],
    [-1, 'refuse'],
  ])('has a policy for %i, which nobody documents: %s', (code, policy) => {
    expect(errorMeaning(code)).toMatchObject({ name: 'UNKNOWN', policy });
  });
});

describe('a failed call', () => {
  it('is told with code, name, message of the library, meaning and advice', () => {
    const error = ascendError({
      call: 'aclmdlExecuteAsync',
      code: 507015,
      recentMessage: 'EZ9999: the aicore execution failed.\n',
      stage: 'running',
    });
    expect(error.message).toBe(
      'aclmdlExecuteAsync failed with 507015 (RT_AICORE_EXCEPTION): an AI core stopped with an exception. ' +
        'Open a new session. If it happens again, look into the device log (`npu-smi info`, ~/ascend/log). ' +
        'AscendCL says: EZ9999: the aicore execution failed.',
    );
    expect(error.details).toMatchObject({
      ascendCode: 507015,
      ascendName: 'RT_AICORE_EXCEPTION',
      policy: 'renew',
      call: 'aclmdlExecuteAsync',
    });
  });

  it.each([
    ['running', 207001, 'BACKEND_OUT_OF_MEMORY'],
    ['opening', 207001, 'BACKEND_OUT_OF_MEMORY'],
    ['running', 507010, 'BACKEND_LOST'],
    ['opening', 507010, 'BACKEND_LOST'],
    ['running', 507054, 'BACKEND_LOST'],
    ['running', 107002, 'BACKEND_RUN_FAILED'],
    ['opening', 107002, 'BACKEND_OPEN_FAILED'],
    ['opening', 145006, 'BACKEND_MODEL_REFUSED'],
    ['running', 145013, 'BACKEND_RUN_FAILED'],
    ['initialising', 500000, 'BACKEND_OPEN_FAILED'],
    ['initialising', 100039, 'BACKEND_LIBRARY_MISSING'],
    ['opening', 207006, 'BACKEND_OPEN_FAILED'],
  ] as const)('while %s, %i is %s to the caller', (stage: CallStage, code, expected) => {
    expect(ascendError({ call: 'aclX', code, recentMessage: undefined, stage }).code).toBe(expected);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
