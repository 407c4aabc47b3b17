import { WebsslError } from '@webssl/backend';

/** An image, in the units in which levels are kept: with them all arithmetic is in whole numbers, and exact. */
const image = 60_000;
const sweepMilliseconds = 60_000;

interface Bucket {
  /** In units; below zero after a request of more images than the bucket holds. */
  readonly level: number;
  /** When it was that, in whole milliseconds. */
  readonly at: number;
  readonly imagesPerMinute: number;
}

export interface RateLimitsOptions {
  /** Milliseconds of a clock that never goes back; `performance.now` by default. */
  readonly now?: () => number;
  /** So many clients are remembered at most, 100000 by default. Beyond it the one not seen for longest is forgotten. */
  readonly maximumClients?: number;
}

/**
 * How many images each client may send: a bucket for each, which holds the images of a minute and fills evenly. A request
 * without images counts as one, so that requests are limited too.
 */
export class RateLimits {
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;
  readonly #maximumClients: number;
  #swept: number;

  constructor({ now = () => performance.now(), maximumClients = 100_000 }: RateLimitsOptions = {}) {
    this.#now = now;
    this.#maximumClients = maximumClients;
    this.#swept = now();
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Takes what a request costs, or nothing. A request of more images than the bucket holds is let through when the bucket is
   * full, and the client waits the longer afterwards: on average nobody gets more, and no request is refused for ever.
   *
   * @param imagesPerMinute a whole number, at least 1
   * @throws WebsslError `RATE_LIMITED`, with `details.retryAfterSeconds`, whole and at least 1, and `details.limit`, in images
   * a minute. After that time the same request goes through, if the client sends no other.
   */
  take(client: string, images: number, imagesPerMinute: number): void {
    const now = Math.floor(this.#now());
    this.#sweep(now);
    const capacity = imagesPerMinute * image;
    const level = this.#level(client, imagesPerMinute, now);
    const cost = Math.max(1, images) * image;
    const missing = Math.min(cost, capacity) - level;
    const remaining = missing > 0 ? level : level - cost;
    // Also after a refusal: the limit may have changed, and who goes on asking is not the one to forget.
    this.#buckets.delete(client);
    this.#buckets.set(client, { level: remaining, at: now, imagesPerMinute });
    if (this.#buckets.size > this.#maximumClients) this.#forgetOldest();
    if (missing > 0) throw rateLimited(Math.ceil(missing / imagesPerMinute / 1000), imagesPerMinute);
  }

  #level(client: string, imagesPerMinute: number, now: number): number {
    const bucket = this.#buckets.get(client);
    const capacity = imagesPerMinute * image;
    return bucket === undefined ? capacity : Math.min(capacity, levelAt(bucket, now));
  }

  /** A full bucket says no more than none. */
  #sweep(now: number): void {
    if (now - this.#swept < sweepMilliseconds) return;
    this.#swept = now;
    for (const [client, bucket] of this.#buckets)
      if (levelAt(bucket, now) >= bucket.imagesPerMinute * image) this.#buckets.delete(client);
  }

  #forgetOldest(): void {
    for (const client of this.#buckets.keys()) {
      this.#buckets.delete(client);
      return;
    }
  }
}

/** A bucket fills by as many units a millisecond as it may images a minute. */
function levelAt({ level, at, imagesPerMinute }: Bucket, now: number): number {
  return level + (now - at) * imagesPerMinute;
}

function rateLimited(retryAfterSeconds: number, limit: number): WebsslError {
  return new WebsslError({
    code: 'RATE_LIMITED',
    message: `This client may send ${limit} images a minute, and this request would be more. Try again in ${retryAfterSeconds} s.`,
    details: { retryAfterSeconds, limit },
  });
}
