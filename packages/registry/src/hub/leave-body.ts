import type { Readable } from 'node:stream';
import { type AnswerHeaders, contentLengthOf } from './answer-headers.js';

/** Bodies up to this length are read to the end, which keeps the connection for the next request. */
const smallBytes = 16_384;

/** Lets go of an answer whose body is not wanted. */
export function leaveBody(
  { headers, body }: { readonly headers: AnswerHeaders; readonly body: Readable },
  method: 'GET' | 'HEAD' = 'GET',
): void {
  const bytes = method === 'HEAD' ? 0 : contentLengthOf(headers);
  if (bytes === undefined || bytes > smallBytes) breakOff(body);
  else body.on('error', ignore).resume();
}

/** Ends a body, and the connection that carries it. */
export function breakOff(body: Readable): void {
  body.on('error', ignore).destroy();
}

/** How a body ends that nobody reads is of no interest. */
function ignore(): void {}
