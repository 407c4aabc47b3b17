import { describe, it } from 'vitest';
import { conformanceCases } from './conformance-cases.js';
import { referenceBackend } from './reference-backend.js';

describe.each(['process', 'thread'] as const)('the reference backend in a %s', (isolation) => {
  const cases = conformanceCases(referenceBackend, { isolation, cycles: 5 });
  for (const { name, run, timeoutMilliseconds } of cases) it(name, run, timeoutMilliseconds);
});
