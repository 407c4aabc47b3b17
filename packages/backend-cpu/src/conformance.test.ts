import { conformanceCases } from '@webssl/backend/testkit';
import { cpu } from '@webssl/backend-cpu';
import { describe, it } from 'vitest';

describe.each([
  { isolation: 'process', mode: 'coldStart' },
  { isolation: 'thread', mode: 'coldStart' },
  // What throughput does besides is done once, at opening: it need not be tried everywhere, nor so often.
  { isolation: 'process', mode: 'throughput', cycles: 5 },
] as const)('in a $isolation, in mode $mode', ({ mode, ...options }) => {
  for (const { name, run, timeoutMilliseconds } of conformanceCases(() => cpu({ mode }), options)) {
    it(name, run, timeoutMilliseconds);
  }
});
