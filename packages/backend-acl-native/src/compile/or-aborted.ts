import { WebsslError } from '@webssl/backend';

/**
 * What `operation` gives; whatever it throws after the caller has aborted is told as an abort.
 * @throws WebsslError `BACKEND_ABORTED`; what the operation throws.
 */
export async function orAborted<Value>(
  subject: string,
  signal: AbortSignal | undefined,
  operation: () => Promise<Value>,
): Promise<Value> {
  try {
    signal?.throwIfAborted();
    return await operation();
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw new WebsslError({
      code: 'BACKEND_ABORTED',
      message: `${subject} was aborted by the caller's signal.`,
      cause: signal.reason,
    });
  }
}
