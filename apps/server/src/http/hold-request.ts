import { WebsslError } from '@webssl/backend';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientOf } from '../access/client-of.js';
import { checkListLengths } from './check-list-lengths.js';
import { countBody } from './count-body.js';
import { requestInvalid } from './request-error.js';
import { RequestScope } from './request-scope.js';
import type { ServerParts } from './server-parts.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request holds of the server; only of routes that compute. */
    scope: RequestScope | undefined;
  }
}

/** Gives every request of the routes that compute a scope, from its head to the end of its answer. */
export function holdRequests(app: FastifyInstance, { encoder, settings, watch }: ServerParts): void {
  const { limits } = settings;
  app.decorateRequest('scope', undefined);
  app.addHook('onRequest', async (request, reply) => {
    if (watch.isStopping) throw serverStopping();
    refuseCompressed(request, reply);
    const timeout = requestedTimeout(request);
    const scope = new RequestScope({
      encoder,
      limits,
      client: clientOf({
        remoteAddress: request.ip,
        ...(request.apiKey === undefined ? {} : { key: request.apiKey }),
      }),
      ...(timeout === undefined ? {} : { timeout }),
    });
    request.scope = scope;
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) scope.abandon();
      scope.release();
    });
  });
  app.addHook('preValidation', async ({ body }) => checkListLengths(body, limits));
  app.addHook('preParsing', async (request, _reply, payload) => {
    const { 'content-length': announced } = request.headers;
    return countBody(payload, scopeOf(request), announced === undefined ? undefined : Number(announced));
  });
}

/** Image files are compressed already; and what a compressed body would grow to is known only when it has. */
function refuseCompressed({ headers }: FastifyRequest, reply: FastifyReply): void {
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding.toLowerCase() === 'identity') return;
  // RFC 9110, 15.5.16: by this the client knows what it is.
  reply.header('accept-encoding', 'identity');
  throw new WebsslError({
    code: 'MEDIA_TYPE_UNSUPPORTED',
    message: `The body is compressed (Content-Encoding: ${encoding.slice(0, 100)}). Send it as it is.`,
  });
}

/** A request on a connection that was open before; new ones are refused. */
function serverStopping(): WebsslError {
  return new WebsslError({
    code: 'SERVER_STOPPING',
    message: 'The server is stopping and takes no more. Ask again: another one may answer.',
  });
}

/** What the request holds. */
export function scopeOf(request: FastifyRequest): RequestScope {
  if (request.scope === undefined) throw new Error('this route does not compute');
  return request.scope;
}

/** Milliseconds that the header `Request-Timeout` allows, which is in seconds. */
function requestedTimeout({ headers }: FastifyRequest): number | undefined {
  const { 'request-timeout': text } = headers;
  if (text === undefined) return undefined;
  const seconds = typeof text === 'string' && /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return seconds * 1000;
  throw requestInvalid('Request-Timeout is a number of seconds above 0.', 'Request-Timeout');
}
