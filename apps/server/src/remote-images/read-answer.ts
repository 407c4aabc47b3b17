import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { GrowingBytes } from './growing-bytes.js';
import { Failure, Refusal, tooManyBytes } from './remote-image-error.js';

type Answer = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>;

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Where an answer sends on to, as it says it.
 *
 * @throws Refusal for a redirect that names not exactly one place
 */
export function redirectTarget({ statusCode, headers }: Answer): string | undefined {
  if (!redirectStatuses.has(statusCode)) return undefined;
  const { location } = headers;
  if (typeof location !== 'string') throw new Refusal('malformed');
  return location;
}

/**
 * The image, counted as it comes: nothing is decompressed, so that a small answer stays small.
 *
 * @param maxBytes the most that the image may have
 * @throws Failure, WebsslError `IMAGE_TOO_LARGE`
 */
export async function readImage(
  { statusCode, headers, body }: Answer,
  maxBytes: number,
): Promise<Uint8Array> {
  if (statusCode !== 200) {
    throw new Failure('status', `its host answered with status ${statusCode}`, { status: statusCode });
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Failure('content-encoding', 'its host sent it compressed although asked not to');
  }
  const announced = Number(headers['content-length']);
  if (announced > maxBytes) throw tooManyBytes(announced, maxBytes);

  const bytes = new GrowingBytes();
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    const length = bytes.length + chunk.length;
    if (length > maxBytes) throw tooManyBytes(length, maxBytes);
    bytes.append(chunk);
  }
  return bytes.take();
}

/** Ends a body that is not read to its end, and the connection that carries it. */
export function leave(body: Readable): void {
  // How it ends is of no interest.
  body.on('error', () => {}).destroy();
}
