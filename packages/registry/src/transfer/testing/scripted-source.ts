import { setImmediate } from 'node:timers/promises';
import type { ByteRange, ByteSource, ByteStream } from '../byte-source.js';
import { TransferProblem } from '../transfer-problem.js';

/** How one request goes wrong. An empty answer is a good one. */
export interface ScriptedAnswer {
  /** No answer but this error. */
  readonly refusal?: Error;
  /** The whole file (200), although a range was asked for. */
  readonly isWhole?: boolean;
  /** What the answer says of the file's length; null: nothing. Default: the truth. */
  readonly totalBytes?: number | null;
  /** The body begins so many bytes before (negative) or after the first one asked for. */
  readonly shift?: number;
  /** Bytes after which the body fails. */
  readonly dropAfter?: number;
  /** Bytes after which the body ends as if it were complete. */
  readonly endAfter?: number;
  /** Bytes after which nothing comes any more until the signal aborts. */
  readonly stallAfter?: number;
  /** The body goes on after the end that was asked for. */
  readonly goesOn?: boolean;
  /** Place in the file of a byte that arrives changed. */
  readonly alteredAt?: number;
}

export interface ScriptedRequest {
  readonly range: ByteRange | undefined;
  sentBytes: number;
}

/** A source of real bytes that answers the n-th request (from 0) as its script says. */
export class ScriptedSource implements ByteSource {
  readonly requests: ScriptedRequest[] = [];
  /** Answers whose body is not closed. */
  openBodies = 0;
  mostOpenBodies = 0;
  readonly #content: Uint8Array;
  readonly #script: (index: number, range: ByteRange | undefined) => ScriptedAnswer;
  readonly #chunkBytes: number;

  constructor(
    content: Uint8Array,
    script:
      | readonly ScriptedAnswer[]
      | ((index: number, range: ByteRange | undefined) => ScriptedAnswer) = [],
    chunkBytes = 10_007,
  ) {
    this.#content = content;
    this.#script = typeof script === 'function' ? script : (index) => script[index] ?? {};
    this.#chunkBytes = chunkBytes;
  }

  get sentBytes(): number {
    return this.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  }

  async open(range: ByteRange | undefined, signal: AbortSignal): Promise<ByteStream> {
    signal.throwIfAborted();
    const request = { range, sentBytes: 0 };
    const answer = this.#script(this.requests.push(request) - 1, range);
    await setImmediate();
    if (answer.refusal !== undefined) throw answer.refusal;
    const length = this.#content.length;
    const isPartial = range !== undefined && answer.isWhole !== true;
    const start = isPartial ? range.start + (answer.shift ?? 0) : 0;
    const end = isPartial && answer.goesOn !== true ? Math.min(range.end ?? length, length) : length;
    this.openBodies += 1;
    this.mostOpenBodies = Math.max(this.mostOpenBodies, this.openBodies);
    return {
      start,
      isPartial,
      totalBytes: answer.totalBytes === null ? undefined : (answer.totalBytes ?? length),
      body: this.#body(start, end, answer, request, signal),
    };
  }

  async *#body(
    start: number,
    end: number,
    { dropAfter, endAfter, stallAfter, alteredAt }: ScriptedAnswer,
    request: ScriptedRequest,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const stop = Math.min(end, start + (dropAfter ?? endAfter ?? stallAfter ?? Number.POSITIVE_INFINITY));
    try {
      for (let position = start; position < stop; ) {
        await setImmediate();
        signal.throwIfAborted();
        const chunk = this.#content.slice(position, Math.min(stop, position + this.#chunkBytes));
        const index = (alteredAt ?? -1) - position;
        if (index >= 0 && index < chunk.length) chunk[index] = (chunk[index] ?? 0) ^ 1;
        position += chunk.length;
        request.sentBytes += chunk.length;
        yield chunk;
      }
      if (stallAfter !== undefined) await abortOf(signal);
      if (dropAfter !== undefined && stop < end) throw new TransferProblem('the connection was lost');
    } finally {
      this.openBodies -= 1;
    }
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
