import type { BackendErrorCode } from './backend-error-code.js';
import { WebsslError } from './webssl-error.js';

/** A {@link WebsslError} whose code is one of the contract's. */
export function backendError(
  code: BackendErrorCode,
  message: string,
  more: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
): WebsslError {
  return new WebsslError({ code, message, ...more });
}

/** What a run or an opening rejects with when its signal is aborted. */
export function abortedError(subject: string, signal?: AbortSignal): WebsslError {
  return backendError('BACKEND_ABORTED', `${subject} was aborted by the caller's signal.`, {
    cause: signal?.reason,
  });
}
