import { WebsslError } from '@webssl/backend';

/** The error that something is refused with. */
export async function refusal(operation: Promise<unknown>): Promise<WebsslError> {
  const error: unknown = await operation.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  if (WebsslError.isInstance(error)) return error;
  throw error;
}
