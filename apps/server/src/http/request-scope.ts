import { performance } from 'node:perf_hooks';
import { WebsslError } from '@webssl/backend';
import type { Encoder, ImageReservation } from '@webssl/encoder';
import type { ServerLimits } from '../limits/server-limits.js';
import { requestInvalid, requestTooLarge, tooManyImages } from './request-error.js';

export interface RequestScopeOptions {
  readonly encoder: Pick<Encoder, 'reserve'>;
  readonly limits: ServerLimits;
  /** Who asks: clients take turns. */
  readonly client: string;
  /** Milliseconds that the client allows, where it says so; the server's own limit if that is less. */
  readonly timeout?: number;
}

/** What one request holds of the server until it is answered: room in the queue, a deadline, and a client that may go away. */
export class RequestScope {
  readonly client: string;
  readonly started = performance.now();
  /** When the answer is of no use any more, in milliseconds of `performance.now()`. */
  readonly deadline: number;
  readonly #options: RequestScopeOptions;
  readonly #reservation: ImageReservation;
  readonly #gone = new AbortController();
  #bytes = 0;
  #isReleased = false;

  /** @throws WebsslError `ENCODER_CLOSED` */
  constructor(options: RequestScopeOptions) {
    this.#options = options;
    this.client = options.client;
    const { timeout } = options.limits;
    this.deadline = this.started + Math.min(timeout, options.timeout ?? timeout);
    this.#reservation = options.encoder.reserve({}, options.client);
  }

  /** Aborts when the client has gone. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /**
   * Counts bytes that the request brings, before they are kept.
   *
   * @throws WebsslError `REQUEST_TOO_LARGE`, `QUEUE_FULL`, `CLIENT_GONE` where nobody would give them back
   */
  holdBytes(bytes: number): void {
    if (this.#isReleased) throw clientGone();
    const limit = this.#options.limits.requestBytes;
    if (this.#bytes + bytes > limit) throw requestTooLarge(limit);
    this.#reservation.grow({ bytes });
    this.#bytes += bytes;
  }

  /**
   * Holds places for all images of the request, or none.
   *
   * @returns where to have them computed
   * @throws WebsslError `REQUEST_INVALID` without an image, `TOO_MANY_IMAGES`, `QUEUE_FULL`, `CLIENT_GONE`
   */
  holdImages(images: number): Pick<ImageReservation, 'encode'> {
    if (this.#isReleased) throw clientGone();
    const { imagesPerRequest } = this.#options.limits;
    if (images === 0) throw requestInvalid('The request has no image. Send at least one.');
    if (images > imagesPerRequest) throw tooManyImages(images, imagesPerRequest);
    this.#reservation.grow({ items: images });
    return this.#reservation;
  }

  /** The client has gone: what it asked for costs no device time any more. */
  abandon(): void {
    this.#gone.abort(clientGone());
  }

  /** Gives everything back. Idempotent. */
  release(): void {
    this.#isReleased = true;
    this.#reservation.release();
  }
}

function clientGone(): WebsslError {
  return new WebsslError({
    code: 'CLIENT_GONE',
    message: 'The client closed the connection before its answer.',
  });
}
