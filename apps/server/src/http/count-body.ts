import { Transform, type TransformCallback } from 'node:stream';
import type { RequestScope } from './request-scope.js';

/** What Fastify asks a replaced body for, to compare it with the announced length. */
interface CountedBody extends Transform {
  receivedEncodedLength: number;
}

/**
 * Counts a body against the limits before it is kept. What its head announces is held at once, so that a body for which there
 * is no room is refused unread.
 *
 * @param announced the Content-Length; absent for a body in chunks
 * @throws WebsslError `REQUEST_TOO_LARGE`, `QUEUE_FULL`; the returned stream fails with them
 */
export function countBody(
  body: NodeJS.ReadableStream,
  scope: Pick<RequestScope, 'holdBytes'>,
  announced: number | undefined,
): CountedBody {
  let ahead = announced ?? 0;
  scope.holdBytes(ahead);
  const counted = Object.assign(
    new Transform({
      transform(chunk: Buffer, _encoding, done: TransformCallback) {
        counted.receivedEncodedLength += chunk.length;
        const extra = Math.max(0, chunk.length - ahead);
        ahead -= chunk.length - extra;
        try {
          if (extra > 0) scope.holdBytes(extra);
          done(null, chunk);
        } catch (error) {
          done(error as Error);
        }
      },
    }),
    { receivedEncodedLength: 0 },
  );
  // A connection that breaks ends the body; without this it would be waited for.
  body.on('error', (error: Error) => counted.destroy(error));
  // Who reads it hears of its errors; where nobody does any more, they must not end the process.
  counted.on('error', () => undefined);
  body.pipe(counted);
  return counted;
}
