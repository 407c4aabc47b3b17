import { WebsslError } from '@webssl/backend';
import type { ImageJob } from './image-job.js';
import type { PreprocessedImage } from './prepare-image.js';

/** What a worker is asked. It has one request at a time. */
export interface WorkerRequest {
  readonly job: ImageJob;
  readonly rgb: boolean;
}

/** An error without its class, which does not pass between threads. */
export interface PlainError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause: string | undefined;
}

export type WorkerResponse = { readonly image: PreprocessedImage } | { readonly error: PlainError };

export function toPlainError(error: unknown): PlainError {
  if (WebsslError.isInstance(error)) {
    const { code, message, details, cause } = error;
    return { code, message, details, cause: cause === undefined ? undefined : describe(cause) };
  }
  if (error instanceof RangeError) {
    const message = `The image needs more memory than there is: ${error.message}. Lower limits.pixels, or shrink it.`;
    return { code: 'IMAGE_TOO_LARGE', message, details: {}, cause: describe(error) };
  }
  const message = `The image could not be prepared: ${describe(error)}. This is a fault of @webssl/preprocess.`;
  return { code: 'PREPROCESS_FAILED', message, details: {}, cause: describe(error) };
}

export function fromPlainError({ code, message, details, cause }: PlainError): WebsslError {
  return new WebsslError({ code, message, details, cause });
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
