import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { WebsslError } from '@webssl/backend';
import { checkBytes, type ImageLimits } from './image-limits.js';
import { allocate, breathe } from './slices.js';

/**
 * Reads a stream to its end, or until it passes the byte limit or the signal aborts; then the stream is ended.
 *
 * @throws WebsslError IMAGE_TOO_LARGE, IMAGE_INPUT_INVALID for chunks that are not bytes, IMAGE_UNREADABLE when the
 *   stream fails; the signal's reason when it aborts
 */
export async function readStream(
  stream: AsyncIterable<unknown> | ReadableStream<unknown>,
  limits: ImageLimits,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const source = stream instanceof ReadableStream ? Readable.fromWeb(stream) : stream;
  const iterator = source[Symbol.asyncIterator]();
  const aborted = abortion(signal);
  let ended = false;
  try {
    for (;;) {
      const next = await Promise.race([pull(iterator), aborted.promise]);
      if (next.done === true) {
        ended = true;
        break;
      }
      if (!(next.value instanceof Uint8Array)) {
        throw new WebsslError({
          code: 'IMAGE_INPUT_INVALID',
          message: `The stream gave a ${typeof next.value} instead of bytes. Do not set an encoding on it.`,
        });
      }
      chunks.push(next.value);
      length += next.value.length;
      checkBytes(length, limits);
    }
  } finally {
    aborted.dispose();
    if (!ended) end(source, iterator);
  }
  return join(chunks, length);
}

/** Tells a source that no more is wanted, without waiting: one that hangs would hang the caller with it. */
function end(source: AsyncIterable<unknown>, iterator: AsyncIterator<unknown>): void {
  if (source instanceof Readable) source.destroy();
  else iterator.return?.().catch(() => undefined);
}

async function pull(iterator: AsyncIterator<unknown>): Promise<IteratorResult<unknown>> {
  try {
    return await iterator.next();
  } catch (error) {
    throw new WebsslError({
      code: 'IMAGE_UNREADABLE',
      message: `The stream of the image failed: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
}

/** A promise that rejects when the signal aborts. */
function abortion(signal: AbortSignal | undefined): { promise: Promise<never>; dispose: () => void } {
  let dispose = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    if (signal === undefined) return;
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    dispose = () => signal.removeEventListener('abort', abort);
  });
  promise.catch(() => undefined);
  return { promise, dispose };
}

async function join(chunks: readonly Uint8Array[], length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = allocate(length);
  let written = 0;
  let sinceBreath = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, written);
    written += chunk.length;
    sinceBreath += chunk.length;
    if (sinceBreath > 2 * 1024 * 1024) {
      await breathe();
      sinceBreath = 0;
    }
  }
  return bytes;
}
