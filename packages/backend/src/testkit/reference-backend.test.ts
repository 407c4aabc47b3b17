import { describe, it } from 'vitest';
import { conformanceCases } from './conformance-cases.js';
import { referenceBackend } from './reference-backend.js';

describe.each(['process', 'thread'] as const)('the reference backend in a %s', (isolation) => {
  for (const { name, run } of conformanceCases(referenceBackend, { isolation })) it(name, run);
});
