import { WebsslError } from '@webssl/backend';

/** Code and message of an error. */
export function errorText(error: unknown): string {
  return `${knownError(error).code}: ${knownError(error).message}`;
}

/** An error as it is, or `PAGE_FAILED` for one that nobody foresaw. */
export function knownError(error: unknown): WebsslError {
  if (WebsslError.isInstance(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new WebsslError({
    code: 'PAGE_FAILED',
    message: `This page failed: ${reason}. Reload it.`,
    cause: error,
  });
}
