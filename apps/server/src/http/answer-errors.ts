import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { WebsslError } from '@webssl/backend';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorAnswer, type ErrorBody, errorAnswer } from './error-answer.js';
import { ParamError } from './param-error.js';
import type { PendingAnswers } from './pending-answers.js';
import { paramOf } from './request-error.js';
import { schemaProblem } from './schema-problem.js';

/** Answers every error of a route, and what has no route. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler(async (error, request, reply) => {
    const { status, body, retryAfterSeconds, isOurs } = answerOf(error, request);
    if (isOurs) request.log.error({ err: causeOf(error) }, 'a request failed');
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
    return reply.code(status).type('application/json').send(JSON.stringify(body));
  });
  app.setNotFoundHandler(async ({ method, url }, reply) => {
    const [path = ''] = url.split('?');
    const allowed = methods.filter((other) => app.hasRoute({ method: other, url: path }));
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    const { status, body } = errorAnswer(noRoute(method, path.slice(0, 200), allowed));
    return reply.code(status).type('application/json').send(JSON.stringify(body));
  });
}

const methods = ['GET', 'POST'] as const;

function noRoute(method: string, path: string, allowed: readonly string[]): WebsslError {
  if (allowed.length > 0) {
    return new WebsslError({
      code: 'METHOD_NOT_ALLOWED',
      message: `${path} is asked with ${allowed.join(' or ')}, not with ${method}.`,
    });
  }
  return new WebsslError({
    code: 'NOT_FOUND',
    message: `There is no ${method} ${path}. GET /docs lists what there is.`,
  });
}

/** Answers what the router cannot read; no hook has seen the request. */
export function answerUnroutable(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = errorAnswer(error);
  void reply.code(status).type('application/json').send(JSON.stringify(body));
}

/** Answers an `Expect` other than `100-continue`, which Node would answer without a body. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { status, body } = errorAnswer(
    new WebsslError({
      code: 'EXPECTATION_UNSUPPORTED',
      message: 'Of Expect this server knows 100-continue only.',
    }),
  );
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}

function answerOf(error: unknown, request: FastifyRequest): ErrorAnswer {
  if (error instanceof ParamError) return errorAnswer(error.cause, error.param);
  const invalid = schemaProblem(error);
  if (invalid !== undefined) return errorAnswer(invalid, paramOf(invalid));
  if (isMediaTypeProblem(error)) return errorAnswer(mediaTypeUnsupported(request));
  return errorAnswer(error, paramOf(error));
}

function isMediaTypeProblem(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE';
}

/** Says what the route takes, as its schema has it. */
function mediaTypeUnsupported({ headers, routeOptions }: FastifyRequest): WebsslError {
  const { body } = (routeOptions.schema ?? {}) as { readonly body?: { readonly content?: object } };
  const taken = Object.keys(body?.content ?? {}).join(', ');
  const { 'content-type': sent } = headers;
  const what = sent === undefined ? 'The body has no Content-Type' : `The body is ${sent.slice(0, 100)}`;
  return new WebsslError({
    code: 'MEDIA_TYPE_UNSUPPORTED',
    message: `${what}. This route takes ${taken === '' ? 'none' : taken}.`,
  });
}

function causeOf(error: unknown): unknown {
  return error instanceof ParamError ? error.cause : error;
}

const malformed: Readonly<Record<string, readonly [status: number, reason: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The head of the request is too long.'],
};

/**
 * Answers what is not HTTP, or comes too slowly; there is no request yet. Where earlier requests of the connection wait for
 * their answers, it is closed: this one would be taken for theirs.
 */
export function answerMalformed(
  error: Error & { code?: string },
  socket: Socket,
  pending: Pick<PendingAnswers, 'has'>,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, reason, message] = malformed[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'This is not a request that can be read.',
  ];
  const body: ErrorBody = {
    error: {
      message,
      type: 'invalid_request_error',
      param: null,
      code: codes[status] ?? 'REQUEST_MALFORMED',
    },
  };
  const text = JSON.stringify(body);
  if (!socket.writable || pending.has(socket)) {
    socket.destroy(error);
    return;
  }
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}

const codes: Readonly<Record<number, string>> = { 408: 'REQUEST_TOO_SLOW', 431: 'REQUEST_HEAD_TOO_LARGE' };
