import { WebsslError } from '@webssl/backend';
import { z } from 'zod';

/** One limit of the server: what it is called, what it bounds, and what a request that passes it is answered with. */
export interface LimitDescription {
  readonly unit: 'bytes' | 'pixels' | 'images' | 'milliseconds' | 'connections';
  /** The most that a request, an image or the queue may have. */
  readonly meaning: string;
  /** HTTP status of the refusal; absent where there is no answer, because the connection is closed. */
  readonly status?: number;
  /** Flag of the command that sets it. */
  readonly flag: string;
  readonly byDefault: number;
}

const mebibyte = 1024 * 1024;

/** The one table of limits: the command's flags, `/info`, the OpenAPI document and the errors are made from it. */
export const limitTable = {
  requestBytes: {
    unit: 'bytes',
    meaning: 'body of one request',
    status: 413,
    flag: '--max-request-bytes',
    byDefault: 64 * mebibyte,
  },
  imageBytes: {
    unit: 'bytes',
    meaning: 'one encoded image',
    status: 413,
    flag: '--max-image-bytes',
    byDefault: 32 * mebibyte,
  },
  imagePixels: {
    unit: 'pixels',
    meaning: 'width times height of one image',
    status: 422,
    flag: '--max-image-pixels',
    byDefault: 100_000_000,
  },
  imagesPerRequest: {
    unit: 'images',
    meaning: 'images of one request',
    status: 413,
    flag: '--max-images',
    byDefault: 128,
  },
  queueImages: {
    unit: 'images',
    meaning: 'images that wait for the device, of all clients',
    status: 429,
    flag: '--max-queue-images',
    byDefault: 512,
  },
  queueBytes: {
    unit: 'bytes',
    meaning: 'bodies of the requests that are being answered',
    status: 429,
    flag: '--max-queue-bytes',
    byDefault: 512 * mebibyte,
  },
  timeout: {
    unit: 'milliseconds',
    meaning: 'from the first byte of a request until its features',
    status: 504,
    flag: '--timeout',
    byDefault: 60_000,
  },
  connections: {
    unit: 'connections',
    meaning: 'connections at once; more are closed',
    flag: '--max-connections',
    byDefault: 1024,
  },
} as const satisfies Readonly<Record<string, LimitDescription>>;

export type LimitName = keyof typeof limitTable;

/** The value of every limit, in its unit. */
export type ServerLimits = Readonly<Record<LimitName, number>>;

export const limitNames = Object.keys(limitTable) as readonly LimitName[];

const limitValues = z.strictObject(
  Object.fromEntries(
    limitNames.map((name) => [
      name,
      z.number().int().positive().max(Number.MAX_SAFE_INTEGER).default(limitTable[name].byDefault),
    ]),
  ) as Record<LimitName, z.ZodDefault<z.ZodNumber>>,
);

/** Every limit with its value: for clients that ask, and for the document that describes the routes. */
export function describeLimits(limits: ServerLimits) {
  return limitNames.map((name) => {
    const { unit, meaning, status, flag }: LimitDescription = limitTable[name];
    return { name, value: limits[name], unit, meaning, flag, ...(status === undefined ? {} : { status }) };
  });
}

/**
 * The limits with their defaults filled in. What a request may have is by default no more than the queue holds for one client.
 *
 * @throws WebsslError `SERVER_LIMIT_INVALID` for a value that is no whole number of at least 1, or limits that contradict each other
 */
export function resolveLimits(given: Partial<ServerLimits> = {}): ServerLimits {
  const { queueBytes = Number.POSITIVE_INFINITY, queueImages = Number.POSITIVE_INFINITY } = given;
  const parsed = limitValues.safeParse({
    requestBytes: Math.min(limitTable.requestBytes.byDefault, ofOneClient(queueBytes)),
    imagesPerRequest: Math.min(limitTable.imagesPerRequest.byDefault, ofOneClient(queueImages)),
    ...given,
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.path.join('.') || 'limits'}: ${issue?.message}`);
  }
  const limits = parsed.data;
  if (limits.requestBytes > limits.queueBytes) {
    throw invalid(
      `a request may have ${limits.requestBytes} bytes (${limitTable.requestBytes.flag}), but the queue holds only ${limits.queueBytes} (${limitTable.queueBytes.flag})`,
    );
  }
  if (limits.imagesPerRequest > limits.queueImages) {
    throw invalid(
      `a request may have ${limits.imagesPerRequest} images (${limitTable.imagesPerRequest.flag}), but the queue holds only ${limits.queueImages} (${limitTable.queueImages.flag})`,
    );
  }
  return limits;
}

/** The scheduler leaves a quarter of its queue to others. */
function ofOneClient(queue: number): number {
  return Math.max(1, Math.floor(queue * 0.75));
}

function invalid(problem: string): WebsslError {
  return new WebsslError({ code: 'SERVER_LIMIT_INVALID', message: `The limits cannot be used: ${problem}.` });
}
