import { WebsslError } from '@webssl/backend';

/** An error as clients get it: the body is that of the OpenAI API. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  /** When it makes sense to try again. */
  readonly retryAfterSeconds?: number;
  /** Whether the log needs the whole error: it is ours, not the client's. */
  readonly isOurs: boolean;
}

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: 'invalid_request_error' | 'authentication_error' | 'rate_limit_error' | 'server_error';
    /** Which part of the request is meant, such as `input[3]`. */
    readonly param: string | null;
    readonly code: string;
  };
}

/** What each code is answered with. A code that is not here is our own fault. */
const statusOf: Readonly<Record<string, number>> = {
  REQUEST_NOT_JSON: 400,
  REQUEST_MALFORMED: 400,
  API_KEY_MISSING: 401,
  API_KEY_MALFORMED: 401,
  API_KEY_UNKNOWN: 401,
  ORIGIN_REFUSED: 403,
  NOT_FOUND: 404,
  MODEL_NOT_SERVED: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  REQUEST_TOO_SLOW: 408,
  REQUEST_TOO_LARGE: 413,
  TOO_MANY_IMAGES: 413,
  QUEUE_TOO_SMALL: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  IMAGE_FORMAT_UNSUPPORTED: 415,
  EXPECTATION_UNSUPPORTED: 417,
  HOST_REFUSED: 421,
  REQUEST_INVALID: 422,
  DIMENSIONS_UNSUPPORTED: 422,
  FEATURE_UNKNOWN: 422,
  FEATURE_NOT_SERVED: 422,
  FORMAT_NEEDS_ONE_FEATURE: 422,
  IMAGE_TOO_LARGE: 422,
  IMAGE_EMPTY: 422,
  IMAGE_DAMAGED: 422,
  IMAGE_INPUT_INVALID: 422,
  IMAGE_UNREADABLE: 422,
  IMAGE_URLS_OFF: 422,
  IMAGE_URL_REFUSED: 422,
  IMAGE_URL_FAILED: 422,
  QUEUE_FULL: 429,
  RATE_LIMITED: 429,
  // Nobody reads it; the log and the figures tell it from a fault.
  CLIENT_GONE: 499,
  ENCODER_CLOSED: 503,
  SCHEDULER_CLOSED: 503,
  PREPROCESS_CLOSED: 503,
  PREPROCESS_WORKER_LOST: 503,
  SERVER_STOPPING: 503,
  DEADLINE_EXCEEDED: 504,
};

/** What the client may know of errors of ours; the log has the rest. */
const messageOf: Readonly<Record<number, string>> = {
  500: 'The server failed at this request. It is a fault of the server; its log has the reason under this request’s id.',
  503: 'The device could not compute this now. Try again.',
};

/** After an error of the device, where it does not say when it is tried again. */
const usualRetrySeconds = 1;

/**
 * How an error is answered.
 *
 * @param param which part of the request it is about
 */
export function errorAnswer(error: unknown, param: string | null = null): ErrorAnswer {
  const { code, status, message, details } = describe(error);
  const retryAfterSeconds = retryAfter(status, details['retryAfterSeconds']);
  return {
    status,
    body: { error: { message, type: typeOf(status), param, code } },
    isOurs: isOurs(code, status),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

interface Description {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function describe(error: unknown): Description {
  if (WebsslError.isInstance(error)) {
    const { code, details } = error;
    const status = isOversizeImage(error)
      ? 413
      : (statusOf[code] ?? (code.startsWith('BACKEND_') ? 503 : 500));
    const message = isOurs(code, status) ? (messageOf[status] ?? '') : clientMessage(error);
    return { code, status, details, message };
  }
  const ofFramework = fastifyProblem(error);
  return ofFramework ?? { code: 'UNEXPECTED', status: 500, details: {}, message: messageOf[500] ?? '' };
}

function isOurs(code: string, status: number): boolean {
  return status === 500 || (status === 503 && code !== 'SERVER_STOPPING');
}

function isOversizeImage({ code, details }: WebsslError): boolean {
  return code === 'IMAGE_TOO_LARGE' && details['option'] === 'bytes';
}

/** The library's message names an option of the library; a client needs the limit of this server. */
function clientMessage({ code, details, message }: WebsslError): string {
  const { actual, limit, option } = details;
  // The scheduler knows nothing of images.
  if (code === 'QUEUE_FULL' || code === 'QUEUE_TOO_SMALL') return message.replace(/\bitems\b/g, 'images');
  if (code !== 'IMAGE_TOO_LARGE' || limit === undefined) return message;
  return `The image has ${actual} ${option}, and this server takes ${limit} at most. Send a smaller one.`;
}

/** Errors of the HTTP framework, which carry a status of their own. */
function fastifyProblem(error: unknown): Description | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return undefined;
  const { code, statusCode: status, message } = error;
  if (typeof status !== 'number' || status < 400 || status >= 500 || typeof code !== 'string')
    return undefined;
  const own = ownCodes[status] ?? 'REQUEST_MALFORMED';
  const advice = code === 'FST_ERR_CTP_INVALID_JSON_BODY' ? ` ${jsonAdvice}` : '';
  return { code: own, status, message: `${asSentence(message)}${advice}`, details: {} };
}

/** What most often is wrong with it where images are put into JSON by a shell. */
const jsonAdvice =
  'A line break within a string, as base64 writes them into its output, has to be escaped or left out (base64 -w 0).';

const ownCodes: Readonly<Record<number, string>> = {
  404: 'NOT_FOUND',
  408: 'REQUEST_TOO_SLOW',
  413: 'REQUEST_TOO_LARGE',
  415: 'MEDIA_TYPE_UNSUPPORTED',
};

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function typeOf(status: number): ErrorBody['error']['type'] {
  if (status === 401 || status === 403) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function retryAfter(status: number, seconds: unknown): number | undefined {
  if (typeof seconds === 'number') return Math.max(1, Math.ceil(seconds));
  return status === 503 ? usualRetrySeconds : undefined;
}
