import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.js';
import { applyFault, canShow } from './apply-fault.js';
import type { Fault } from './fault.js';
import type { FaultBook } from './fault-book.js';
import type { WritableLoggedRequest } from './request-log.js';
import { sendAnswer } from './send-answer.js';

export interface RequestHandling {
  readonly host: 'hub' | 'cdn';
  readonly answer: (request: IncomingMessage) => Promise<Answer>;
  /** Strike every answer that can show them. */
  readonly standing: readonly Fault[];
  readonly faults: FaultBook;
  readonly log: WritableLoggedRequest[];
  readonly bytesPerSecond: number | undefined;
}

/** Answers the requests of one host, faults included, and logs them. */
export function requestHandler(
  handling: RequestHandling,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const entry = logEntry(handling.host, request);
    handling.log.push(entry);
    if (handling.host === 'hub') response.setHeader('X-Request-Id', `double-${handling.log.length}`);
    respond(handling, request, response, entry).catch((error: unknown) => {
      // A mistake in the double or in a test's files. The client must not wait for ever, nor take it for the hub's word.
      console.error('hub double:', error);
      response.destroy();
    });
  };
}

async function respond(
  { host, answer, standing, faults, bytesPerSecond }: RequestHandling,
  request: IncomingMessage,
  response: ServerResponse,
  entry: WritableLoggedRequest,
): Promise<void> {
  let current = await answer(request);
  for (const fault of standing)
    if (canShow(fault, current, host, entry.method)) current = applyFault(fault, current);
  const fault = faults.take(entry, current);
  if (fault !== undefined) current = applyFault(fault, current);
  entry.fault = fault;
  await sendAnswer(current, response, entry, bytesPerSecond);
}

function logEntry(host: 'hub' | 'cdn', request: IncomingMessage): WritableLoggedRequest {
  return {
    host,
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    range: request.headers.range,
    authorization: request.headers.authorization,
    milliseconds: performance.now(),
    status: 0,
    bodyBytes: 0,
    fault: undefined,
  };
}
