import { WebsslError } from '@webssl/backend';
import { graphError } from '../graph-error.js';

/**
 * What a thread that makes derived weights threw, as an error with a code where a user can do something about it.
 * @param path the file that they were to become
 */
export function weightJobError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || WebsslError.isInstance(error)) return error;
  if ('tensor' in error) {
    return graphError('GRAPH_WEIGHT_NOT_FINITE', error.message, { tensor: error.tensor }, error);
  }
  if (!('syscall' in error && error.syscall === 'write' && 'code' in error)) return error;
  // The disk is taken where threads write, long after the file has its length.
  return new WebsslError({
    code: 'OUTPUT_WRITE_FAILED',
    message: `Cannot write ${path}: ${error.message}. Nothing was left behind; free some space, or set WEBSSL_CACHE to a folder on another disk.`,
    details: { path, systemCode: error.code },
    cause: error,
  });
}
