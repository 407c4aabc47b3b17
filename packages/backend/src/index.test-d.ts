import { expectTypeOf, test } from 'vitest';
import { openHostedSession } from './host/index.js';
import {
  type BackendErrorCode,
  type BackendSession,
  type CloseReason,
  type OutputName,
  type Precision,
  type RunResult,
  type Tensor,
  WebsslError,
} from './index.js';
import { conformanceCases, referenceBackend } from './testkit/index.js';

test('outputs are named as the reference names them', () => {
  expectTypeOf<'hidden_states.12'>().toExtend<OutputName>();
  expectTypeOf<'attentions.0'>().toExtend<OutputName>();
  expectTypeOf<'hidden_states.x'>().not.toExtend<OutputName>();
  expectTypeOf<RunResult['tensors']['last_hidden_state']>().toEqualTypeOf<Tensor | undefined>();
});

test('a precision may be one that the contract does not name', () => {
  expectTypeOf<'mixed'>().toExtend<Precision>();
});

test('the reason of an end tells an error where there is one', () => {
  expectTypeOf<Extract<CloseReason, { kind: 'lost' }>['error']>().toEqualTypeOf<Error>();
});

test('isInstance narrows an unknown error', () => {
  const error: unknown = new Error();
  if (WebsslError.isInstance(error)) expectTypeOf(error.code).toEqualTypeOf<string>();
  expectTypeOf<'BACKEND_LOST'>().toExtend<BackendErrorCode>();
});

test('the host opens sessions of the contract, the testkit takes makers of backends', () => {
  expectTypeOf(openHostedSession).returns.resolves.toEqualTypeOf<BackendSession>();
  expectTypeOf(conformanceCases).toBeCallableWith(referenceBackend, { isolation: 'process' });
});
