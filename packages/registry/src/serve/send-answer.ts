import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestRefusal } from './request-refusal.js';

/** Answers with JSON. Gives the length of the body that was sent: 0 for HEAD. */
export function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown): number {
  return send(request, response, {
    status: 200,
    type: 'application/json; charset=utf-8',
    body: JSON.stringify(value),
  });
}

export function sendText(request: IncomingMessage, response: ServerResponse, text: string): number {
  return send(request, response, { status: 200, type: 'text/plain; charset=utf-8', body: text });
}

/** Answers a request that failed, in the hub's form, unless an answer was begun: then the connection is broken off. */
export function sendRefusal(request: IncomingMessage, response: ServerResponse, error: unknown): number {
  if (response.headersSent) {
    response.destroy();
    return 0;
  }
  const { status, message, hubCode, headers } = asRefusal(error);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('X-Error-Message', message.replace(/[^\x20-\x7e]/g, '?'));
  if (hubCode !== undefined) response.setHeader('X-Error-Code', hubCode);
  // A body that nobody reads would have to be received before the next request.
  if (!request.complete) response.setHeader('Connection', 'close');
  const body = JSON.stringify({ error: message });
  return send(request, response, { status, type: 'application/json; charset=utf-8', body });
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, body }: { readonly status: number; readonly type: string; readonly body: string },
): number {
  const bytes = Buffer.byteLength(body);
  const isHead = request.method === 'HEAD';
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes,
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(isHead ? undefined : body);
  return isHead ? 0 : bytes;
}

/** Other errors come from the file system; their messages hold paths, which are not the client's business. */
function asRefusal(error: unknown): RequestRefusal {
  if (error instanceof RequestRefusal) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE'
    ? new RequestRefusal(503, 'Too many files are open here at the moment', {
        headers: { 'Retry-After': '1' },
      })
    : new RequestRefusal(500, 'The cache that is offered here cannot be read');
}
