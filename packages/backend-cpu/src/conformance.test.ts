import { conformanceCases } from '@webssl/backend/testkit';
import { cpu } from '@webssl/backend-cpu';
import { describe, it } from 'vitest';

describe.each(['process', 'thread'] as const)('in a %s', (isolation) => {
  describe.each(['coldStart', 'throughput'] as const)('in mode %s', (mode) => {
    // What throughput does besides is done once, at opening: it need not be tried so often.
    const options = { isolation, ...(mode === 'throughput' && { cycles: 5 }) };
    for (const { name, run, timeoutMilliseconds } of conformanceCases(() => cpu({ mode }), options)) {
      it(name, run, timeoutMilliseconds);
    }
  });
});
