import { WebsslError } from '@webssl/backend';

/** The request does not fit its schema, or its parts do not fit each other. */
export function requestInvalid(problem: string, param?: string): WebsslError {
  return new WebsslError({
    code: 'REQUEST_INVALID',
    message: problem,
    details: param === undefined ? {} : { param },
  });
}

/** The body has more bytes than one request may have. */
export function requestTooLarge(limit: number): WebsslError {
  return new WebsslError({
    code: 'REQUEST_TOO_LARGE',
    message: `The body has more than the ${limit} bytes that this server takes in one request. Send fewer or smaller images at a time.`,
    details: { limit },
  });
}

export function tooManyImages(images: number, limit: number): WebsslError {
  return new WebsslError({
    code: 'TOO_MANY_IMAGES',
    message: `The request has ${images} images, and this server takes ${limit} in one request. Send several requests.`,
    details: { images, limit },
  });
}

/** Which part of the request an error is about, where it says so. */
export function paramOf(error: unknown): string | null {
  const param = WebsslError.isInstance(error) ? error.details['param'] : undefined;
  return typeof param === 'string' ? param : null;
}
