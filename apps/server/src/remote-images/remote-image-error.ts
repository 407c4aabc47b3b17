import { WebsslError } from '@webssl/backend';

/** Why the rules forbid a URL, for programs. */
export type RefusalReason =
  | 'malformed'
  | 'too-long'
  | 'scheme'
  | 'credentials'
  | 'host'
  | 'address'
  | 'redirects';

/** Why an image that may be fetched was not. */
type FailureReason =
  | 'name'
  | 'network'
  | 'certificate'
  | 'timeout'
  | 'status'
  | 'headers'
  | 'content-encoding'
  | 'closed';

const refusals: Readonly<Record<RefusalReason, string>> = {
  malformed: 'it is no complete URL without spaces, control characters and backslashes',
  'too-long': 'it is too long',
  scheme: 'only https is fetched, unless the server was told otherwise',
  credentials: 'it holds a user name or a password',
  host: 'its host and port are not among those that this server fetches from',
  address: 'its host is not on the public internet',
  redirects: 'there is no end of redirects',
};

/** A rule forbids to go where a URL or a redirect points. It knows nothing of the request, whose own error is made from it. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(refusals[reason]);
    this.reason = reason;
  }
}

/** The fetch failed. The message is for clients: it repeats nothing that was received. */
export class Failure extends Error {
  readonly reason: FailureReason;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(reason: FailureReason, problem: string, details: Readonly<Record<string, unknown>> = {}) {
    super(problem);
    this.reason = reason;
    this.details = details;
  }
}

/** No host is allowed: what requests with a URL are answered with. */
export function urlsOff(): WebsslError {
  return new WebsslError({
    code: 'IMAGE_URLS_OFF',
    message:
      'This server fetches no images by URL. Send the image itself, as base64 or as a data URI; who runs the server can allow hosts with --allow-url-host.',
  });
}

/**
 * What a client is told. It names what the client sent, never where a redirect pointed or what a name stands for: else
 * the server would tell of networks that only it sees.
 *
 * @param host of the client's URL, where it has one
 * @param redirects how many were followed
 */
export function refused(refusal: Refusal, host: string | undefined, redirects: number): WebsslError {
  const { reason } = refusal;
  const what = redirects === 0 ? 'The URL of the image' : `The image at ${host}, after a redirect,`;
  return new WebsslError({
    code: 'IMAGE_URL_REFUSED',
    message: `${what} is not fetched: ${refusal.message}. Give a URL on a host that this server allows, or send the image itself.`,
    details: { reason, redirects, ...(host === undefined ? {} : { host }) },
  });
}

export function failed(failure: Failure, host: string | undefined, redirects: number): WebsslError {
  const { reason, details } = failure;
  return new WebsslError({
    code: 'IMAGE_URL_FAILED',
    message: `The image at ${host} could not be fetched${redirects === 0 ? '' : ', after a redirect'}: ${failure.message}. Check the URL, or send the image itself.`,
    details: { ...details, reason, redirects, host },
  });
}

/**
 * The shape of the preprocessor's refusal of large images.
 *
 * @param actual in bytes: what was announced, or what had come when it was broken off
 */
export function tooManyBytes(actual: number, limit: number): WebsslError {
  return new WebsslError({
    code: 'IMAGE_TOO_LARGE',
    message: `The image has ${actual} bytes or more: more than the limit of ${limit}. Send a smaller one.`,
    details: { actual, limit, option: 'bytes' },
  });
}

/** A setting or a flag cannot be used. */
export function optionInvalid(problem: string, details: Readonly<Record<string, unknown>> = {}): WebsslError {
  return new WebsslError({ code: 'IMAGE_URL_OPTION_INVALID', message: problem, details });
}
