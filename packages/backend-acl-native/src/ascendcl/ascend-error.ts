import type { BackendErrorCode } from '@webssl/backend';
import { WebsslError } from '@webssl/backend';
import { errorMeaning } from './error-meaning.js';
import type { ErrorMeaning, ErrorPolicy } from './error-policy.js';

/** When a call was made: the same code means another thing to the caller. */
export type CallStage = 'initialising' | 'probing' | 'opening' | 'running';

/** A call of AscendCL that failed. */
export interface FailedCall {
  /** Name of the function. */
  readonly call: string;
  readonly code: number;
  /** What `aclGetRecentErrMsg` said, on the same thread right after the call. */
  readonly recentMessage: string | undefined;
  readonly stage: CallStage;
}

/** A failed call as one of our errors: with code, name and message of AscendCL, what it means and what to do. */
export function ascendError({ call, code, recentMessage, stage }: FailedCall): WebsslError {
  const found = errorMeaning(code);
  const { name, meaning, policy, advice, subject } =
    stage === 'running' ? { ...found, ...found.running } : found;
  const said = recentMessage === undefined ? '' : ` AscendCL says: ${recentMessage.trim()}`;
  return new WebsslError({
    code: errorCode(policy, subject, stage),
    message: `${call} failed with ${code} (${name}): ${meaning}. ${advice}${said}`,
    details: {
      ascendCode: code,
      ascendName: name,
      call,
      policy,
      advice,
      ...(recentMessage !== undefined && { recentMessage }),
    },
  });
}

/** A device that gave no answer: nothing was returned that could be looked up. */
export function silentDeviceError(deadlineMilliseconds: number): WebsslError {
  const policy: ErrorPolicy = 'renew';
  return new WebsslError({
    code: 'BACKEND_LOST',
    message: `The device did not finish a batch within ${deadlineMilliseconds} ms (deadlineMilliseconds): it hangs, or the deadline is too short for the model.`,
    details: { policy, deadlineMilliseconds },
  });
}

function errorCode(
  policy: ErrorPolicy,
  subject: ErrorMeaning['subject'],
  stage: CallStage,
): BackendErrorCode {
  if (policy === 'shed') return 'BACKEND_OUT_OF_MEMORY';
  if (subject === 'library') return 'BACKEND_LIBRARY_MISSING';
  // There is no session yet that could be lost.
  const isBefore = stage === 'initialising' || stage === 'probing';
  if (policy !== 'refuse') return isBefore ? 'BACKEND_OPEN_FAILED' : 'BACKEND_LOST';
  if (stage === 'running') return 'BACKEND_RUN_FAILED';
  return subject === 'model' ? 'BACKEND_MODEL_REFUSED' : 'BACKEND_OPEN_FAILED';
}
