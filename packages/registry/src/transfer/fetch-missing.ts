import type { WebsslError } from '@webssl/backend';
import type { ByteRanges, ByteSpan } from './byte-ranges.js';
import type { ByteSource, ByteStream } from './byte-source.js';
import { givenUp, LengthProblem } from './fetch-errors.js';
import { PieceQueue } from './piece-queue.js';
import { pourBody } from './pour-body.js';
import type { RetryNotice, RetryPolicy } from './retry.js';
import { TransferProblem } from './transfer-problem.js';
import { Tries } from './tries.js';

export interface Fetching {
  readonly source: ByteSource;
  /** What the file is called in errors. */
  readonly name: string;
  /** Where it is to lie, for errors. */
  readonly destination: string;
  readonly bytes: number | undefined;
  readonly written: ByteRanges;
  /** Writes bytes and adds them to `written`. */
  readonly write: (chunks: readonly Uint8Array[], start: number) => Promise<void>;
  readonly connections: number;
  readonly pieceBytes: number;
  readonly retry: RetryPolicy | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: ((notice: RetryNotice) => void) | undefined;
}

/**
 * Asks the source for all bytes that are not written yet, over several connections where it serves ranges. Settles when no
 * connection is at work any more. Returns the file's length.
 * @throws WebsslError `HUB_UNREACHABLE`, `HUB_RATE_LIMITED`, `HUB_SIZE_MISMATCH`, what the source and `write` throw, and the signal's reason.
 */
export async function fetchMissing(fetching: Fetching): Promise<number> {
  fetching.signal?.throwIfAborted();
  return new Fetch(fetching).run();
}

class Fetch {
  readonly #fetching: Fetching;
  readonly #queue: PieceQueue;
  readonly #tries: Tries;
  readonly #stop = new AbortController();
  /** Connections at work. */
  #active = 0;
  /** Connections that may be at work now: one, until bytes of a range have come. */
  #limit = 1;
  /** Connections that may be at work then. */
  #widest: number;
  #rangesRefused = false;
  #failure: { readonly error: unknown } | undefined;
  #onIdle: (() => void) | undefined;

  constructor(fetching: Fetching) {
    const { bytes, written, connections, retry, onRetry } = fetching;
    this.#fetching = fetching;
    this.#queue = new PieceQueue(written, bytes);
    this.#widest = bytes === undefined ? 1 : connections;
    this.#tries = new Tries({ retry, onRetry, signal: this.#stop.signal });
  }

  async run(): Promise<number> {
    const { signal } = this.#fetching;
    const abort = () => this.#stop.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    try {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
        this.#startConnection();
      });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#queue.totalBytes ?? 0;
  }

  #startConnection(): void {
    this.#active += 1;
    void this.#connect();
  }

  /** One connection: takes piece after piece until none is left or it is one too many. Never rejects. */
  async #connect(): Promise<void> {
    try {
      let ownFailures = 0;
      while (this.#active <= this.#limit) {
        await this.#tries.untilWelcome();
        const piece = this.#queue.take(
          this.#widest === 1 ? Number.POSITIVE_INFINITY : this.#fetching.pieceBytes,
        );
        if (piece === undefined) return;
        const problem = await this.#tryPiece(piece, () => {
          ownFailures = 0;
        });
        if (problem === undefined) continue;
        ownFailures += 1;
        const verdict = await this.#tries.afterFailure(problem, ownFailures, this.#active === 1);
        if (verdict === 'leave') return;
        if (verdict === 'give-up') throw this.#givenUp(problem);
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#stop.abort(error);
    } finally {
      this.#active -= 1;
      if (this.#active === 0) this.#onIdle?.();
    }
  }

  /** Returns what went wrong where another try may help. */
  async #tryPiece(piece: ByteSpan, onProgress: () => void): Promise<TransferProblem | undefined> {
    try {
      await this.#fetch(piece, onProgress);
      return undefined;
    } catch (error) {
      if (!(error instanceof TransferProblem)) throw error;
      if (error.status === 429) this.#useOneConnection();
      if (error.status !== 416 || this.#rangesRefused) return error;
      // Ranges are not served, at least not this one: the whole file is asked for at once.
      this.#rangesRefused = true;
      this.#useOneConnection();
      return undefined;
    } finally {
      this.#queue.giveBack(piece);
    }
  }

  async #fetch(piece: ByteSpan, onProgress: () => void): Promise<void> {
    const end = Number.isFinite(piece.end) ? piece.end : undefined;
    const range = this.#rangesRefused ? undefined : { start: piece.start, end };
    const stream = await this.#fetching.source.open(range, this.#stop.signal);
    const { isPartial } = stream;
    const problem = this.#problemOf(stream, piece.start);
    if (!isPartial) this.#useOneConnection();
    // Of several connections that get the whole file all but the last drop it.
    if (problem !== undefined || (!isPartial && this.#active > 1)) {
      await dropBody(stream);
      if (problem !== undefined) throw problem;
      return;
    }
    const { totalBytes } = this.#queue;
    const pieceEnd = Math.min(piece.end, totalBytes ?? Number.POSITIVE_INFINITY);
    const wanted = isPartial ? [{ start: piece.start, end: pieceEnd }] : this.#queue.missing();
    await this.#pour(stream, wanted, (isPartial ? end : undefined) ?? totalBytes, onProgress);
  }

  async #pour(
    stream: ByteStream,
    wanted: readonly ByteSpan[],
    bodyEnd: number | undefined,
    onProgress: () => void,
  ): Promise<void> {
    let isFruitless = true;
    const write = async (chunks: readonly Uint8Array[], start: number) => {
      await this.#fetching.write(chunks, start);
      isFruitless = false;
      this.#tries.succeeded();
      onProgress();
      // Not before: connections that start for nothing would never leave one to be the last, which gives up.
      if (stream.isPartial) this.#useAllConnections();
    };
    const reached = await pourBody({ stream, wanted, bodyEnd, write });
    const wantedEnd = wanted.at(-1)?.end ?? 0;
    if (reached >= wantedEnd) return;
    // Where nobody has told the file's length, it ends where a body ends.
    if (this.#queue.totalBytes === undefined) this.#queue.totalBytes = reached;
    else if (isFruitless) throw new TransferProblem(`the answer ended ${wantedEnd - reached} bytes early`);
  }

  /** What is wrong with an answer, by its head. The first one that tells the file's length is believed. */
  #problemOf({ isPartial, start, totalBytes }: ByteStream, wantedStart: number): TransferProblem | undefined {
    this.#queue.totalBytes ??= totalBytes;
    const expected = this.#queue.totalBytes;
    if (totalBytes !== undefined && expected !== undefined && totalBytes !== expected) {
      return new LengthProblem(totalBytes, expected);
    }
    if (!isPartial || start <= wantedStart) return undefined;
    return new TransferProblem(`the answer begins at byte ${start} where ${wantedStart} was asked for`);
  }

  #useOneConnection(): void {
    this.#limit = 1;
    this.#widest = 1;
  }

  #useAllConnections(): void {
    this.#limit = this.#widest;
    while (this.#active < this.#limit) this.#startConnection();
  }

  #givenUp(problem: TransferProblem): WebsslError {
    return givenUp(problem, this.#tries.whyGivenUp(problem), {
      name: this.#fetching.name,
      destination: this.#fetching.destination,
      presentBytes: this.#fetching.written.total,
      totalBytes: this.#queue.totalBytes,
    });
  }
}

/** Closes an answer that is of no use. A body is closed by leaving it, so it has to be entered. */
async function dropBody({ body }: ByteStream): Promise<void> {
  try {
    for await (const _ of body) return;
  } catch {
    // Whatever it was, the body is closed.
  }
}
