import { WebsslError } from '@webssl/backend';

/** What an operation throws. */
export async function failureOf(operation: Promise<unknown>): Promise<unknown> {
  try {
    await operation;
  } catch (error) {
    return error;
  }
  throw new Error('Expected a failure');
}

/** The WebsslError that an operation throws. */
export async function refusalOf(operation: Promise<unknown>): Promise<WebsslError> {
  const error = await failureOf(operation);
  if (WebsslError.isInstance(error)) return error;
  throw error;
}
