import { conformanceCases } from '@webssl/backend/testkit';
import { cpu } from '@webssl/backend-cpu';
import { describe, it } from 'vitest';

describe.each(['process', 'thread'] as const)('in a %s', (isolation) => {
  describe.each(['coldStart', 'throughput'] as const)('in mode %s', (mode) => {
    for (const { name, run } of conformanceCases(() => cpu({ mode }), { isolation })) it(name, run);
  });
});
