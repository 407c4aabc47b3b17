import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Answer, AnswerBody, Delivery } from './answer.js';
import { memoryContent } from './content.js';
import type { WritableLoggedRequest } from './request-log.js';

/** Throttled answers are sent in so many pieces a second. */
const piecesPerSecond = 50;

/** Sends an answer as its delivery says. Resolves when it is sent, dropped, or the client has gone; never rejects for the latter. */
export async function sendAnswer(
  answer: Answer,
  response: ServerResponse,
  log: WritableLoggedRequest,
  bytesPerSecond: number | undefined,
): Promise<void> {
  // The client may have gone while the answer was made.
  if (response.destroyed) return;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    await send(answer, response, log, bytesPerSecond, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

async function send(
  { status, headers, body: plainBody, delivery }: Answer,
  response: ServerResponse,
  log: WritableLoggedRequest,
  bytesPerSecond: number | undefined,
  gone: AbortSignal,
): Promise<void> {
  if (delivery.delayMilliseconds !== undefined)
    await sleep(delivery.delayMilliseconds, undefined, { signal: gone });
  if (delivery.disconnect === true) {
    response.socket?.destroy();
    return;
  }
  const body = delivery.gzip === true ? await compress(plainBody, delivery) : plainBody;
  const length = delivery.chunked === true ? {} : { 'Content-Length': String(body.end - body.start) };
  log.status = status;
  response.writeHead(status, { ...headers, ...length });
  if (log.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();

  const last = Math.min(delivery.dropAfterBytes ?? Infinity, delivery.stallAfterBytes ?? Infinity);
  const rate = Math.min(delivery.bytesPerSecond ?? Infinity, bytesPerSecond ?? Infinity);
  const started = performance.now();
  for await (const piece of pieces(body, delivery, last, rate)) {
    const flows = response.write(piece);
    log.bodyBytes += piece.length;
    if (!flows) await once(response, 'drain', { signal: gone });
    const early = started + (log.bodyBytes / rate) * 1000 - performance.now();
    if (early > 0) await sleep(early, undefined, { signal: gone });
  }
  if (delivery.dropAfterBytes !== undefined) response.socket?.destroySoon();
  else if (delivery.stallAfterBytes === undefined) response.end();
  else await once(response, 'close');
}

async function* pieces(
  { content, start, end }: AnswerBody,
  { altered, gzip }: Delivery,
  last: number,
  rate: number,
): AsyncGenerator<Buffer> {
  const longest = Math.max(1, Math.floor(rate / piecesPerSecond));
  let offset = start;
  for await (const piece of content.pieces(start, Math.min(end, start + last))) {
    const bytes = gzip === true ? piece : flipped(piece, offset, altered);
    offset += piece.length;
    for (let place = 0; place < bytes.length; place += longest)
      yield bytes.subarray(place, Math.min(bytes.length, place + longest));
  }
}

function flipped(piece: Buffer, offset: number, altered: Delivery['altered']): Buffer {
  const place = altered === undefined ? -1 : altered.offset - offset;
  if (altered === undefined || place < 0 || place >= piece.length) return piece;
  const copy = Buffer.from(piece);
  copy.writeUInt8(copy.readUInt8(place) ^ altered.mask, place);
  return copy;
}

async function compress(body: AnswerBody, delivery: Delivery): Promise<AnswerBody> {
  const parts: Buffer[] = [];
  for await (const piece of pieces(body, { ...delivery, gzip: false }, Infinity, Infinity)) parts.push(piece);
  const content = memoryContent(gzipSync(Buffer.concat(parts)));
  return { content, start: 0, end: content.bytes };
}
