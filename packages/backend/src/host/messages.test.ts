import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readReply, readRequest } from './messages.js';

const tensor = { data: new Float32Array(6), dims: [1, 2, 3] };

it.each([
  { kind: 'hello', protocol: 1 },
  { kind: 'call-ended' },
  { kind: 'opened', device: device(), batchSizes: [1, 4], concurrentRuns: 1 },
  { kind: 'result', id: 3, tensors: { last_hidden_state: tensor } },
  { kind: 'failed', error: { message: 'no' } },
  { kind: 'failed', id: 2, error: { message: 'no', code: 'A_B', causes: ['c'] } },
  { kind: 'probed', report: { usable: false, reason: 'r', advice: 'a' } },
])('reads the reply $kind', (message) => {
  expect(readReply(message)).toBe(message);
});

it.each([
  ['a text', 'hello'],
  ['null', null],
  ['an unknown kind', { kind: 'nonsense' }],
  [
    'a device without a name',
    { kind: 'opened', device: { ...device(), name: 1 }, batchSizes: [1], concurrentRuns: 1 },
  ],
  ['a batch size of 0', { kind: 'opened', device: device(), batchSizes: [0], concurrentRuns: 1 }],
  ['a tensor whose dimensions lie', { kind: 'result', id: 1, tensors: { a: { ...tensor, dims: [7] } } }],
  [
    'a tensor of float64',
    { kind: 'result', id: 1, tensors: { a: { data: new Float64Array(1), dims: [1] } } },
  ],
  ['a negative id', { kind: 'failed', id: -1, error: { message: 'no' } }],
  ['an error without a message', { kind: 'failed', error: {} }],
])('does not take %s for a reply', (_what, message) => {
  expect(readReply(message)).toBeUndefined();
});

it('reads requests, and nothing else', () => {
  const run = { kind: 'run', id: 1, input: tensor, outputs: ['last_hidden_state'], tokens: 'all' };
  expect(readRequest(run)).toBe(run);
  expect(readRequest({ ...run, input: { ...tensor, dims: [2] } })).toBeUndefined();
  expect(readRequest({ kind: 'abort' })).toBeUndefined();
  expect(readRequest({ kind: 'hello', protocol: 1 })).toBeUndefined();
});

it('never throws, whatever arrives', () => {
  const kind = fc.constantFrom('hello', 'opened', 'result', 'failed', 'probed', 'run', 'abort', 'open');
  const message = fc.oneof(
    fc.anything(),
    fc
      .tuple(
        kind,
        fc.dictionary(fc.constantFrom('id', 'tensors', 'error', 'device', 'input', 'dims'), fc.anything()),
      )
      .map(([name, fields]) => ({ kind: name, ...fields })),
  );
  fc.assert(
    fc.property(message, (value) => {
      readReply(value);
      readRequest(value);
    }),
  );
});

function device() {
  return { backend: 'b', name: 'n', precision: 'fp32', library: 'l', details: {} };
}
