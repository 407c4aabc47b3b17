import { randomUUID } from 'node:crypto';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { addDocumentationRoutes, collectSchemas } from '../routes/documentation-routes.js';
import { addEmbeddingRoutes } from '../routes/embedding-routes.js';
import { addFeatureRoutes } from '../routes/feature-routes.js';
import { addHealthRoutes } from '../routes/health-routes.js';
import { addInformationRoutes } from '../routes/information-routes.js';
import { addModelRoutes } from '../routes/model-routes.js';
import { addPageRoutes } from '../routes/page-routes.js';
import { answerErrors, answerMalformed, answerUnroutable, refuseExpectation } from './answer-errors.js';
import { checkingInterval, usualConnectionTimes } from './connection-times.js';
import { guardRequests } from './guard-requests.js';
import { holdRequests } from './hold-request.js';
import { PendingAnswers } from './pending-answers.js';
import { readForm } from './read-form.js';
import type { ServerParts } from './server-parts.js';

const headBytes = 16 * 1024;

/** The page and the documents are all that a browser shows, and they need nothing from elsewhere. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'blob:', 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'none'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/**
 * The HTTP side of the server: routes, and what stands before them.
 *
 * @returns ready to listen
 */
export async function createApp(parts: ServerParts): Promise<FastifyInstance> {
  const { settings, apiKeys, logger, metrics, watch, encoder } = parts;
  const { limits, tls } = settings;
  const times = { ...usualConnectionTimes, ...settings.connectionTimes };
  // With TLS Fastify looks at `https` alone.
  const http = {
    maxHeaderSize: headBytes,
    headersTimeout: Math.min(times.head, limits.timeout),
    connectionsCheckingInterval: checkingInterval(times),
    // Node would answer without a body; guardRequests says what is missing.
    requireHostHeader: false,
  };
  const pending = new PendingAnswers();
  const server: FastifyInstance = fastify({
    ...(tls === undefined
      ? { http }
      : { https: { ...http, cert: Buffer.from(tls.certificate), key: Buffer.from(tls.key) } }),
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.requestBytes,
    connectionTimeout: limits.timeout + times.idle,
    requestTimeout: limits.timeout,
    keepAliveTimeout: times.keepAlive,
    forceCloseConnections: 'idle',
    trustProxy: settings.trustedProxies === undefined ? false : [...settings.trustedProxies],
    requestIdHeader: false,
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    clientErrorHandler: (error, socket) => answerMalformed(error, socket, pending),
    frameworkErrors: answerUnroutable,
    routerOptions: { maxParamLength: 200 },
    // Fastify's own answer has neither our form nor Retry-After: see holdRequests.
    return503OnClosing: false,
  });
  pending.watch(server.server);
  server.server.maxConnections = limits.connections;
  server.server.on('checkExpectation', refuseExpectation);
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  answerErrors(server);
  const sources = { queue: () => encoder.queue, ready: () => watch.readiness.ready };
  metrics.watch(sources);
  parts.telemetry?.follow(server, sources);
  tellOfRequests(server, parts);

  await collectSchemas(server, { limits, needsKey: apiKeys !== undefined });
  await server.register(helmet, {
    contentSecurityPolicy,
    frameguard: { action: 'deny' },
    hsts: tls !== undefined,
    // Pages of other origins that were allowed to ask read the answers too.
    crossOriginResourcePolicy: { policy: settings.corsOrigins.length === 0 ? 'same-origin' : 'cross-origin' },
  });
  await server.register(cors, { origin: allowedOrigins(settings.corsOrigins), exposedHeaders });
  guardRequests(server, settings, apiKeys);
  // Text is not taken: a browser would send it for any page without asking.
  server.removeContentTypeParser('text/plain');
  const takingImages: FastifyPluginAsync = async (app) => {
    addContentTypes(app, parts);
    addFeatureRoutes(app, parts);
  };
  const computing: FastifyPluginAsync = async (app) => {
    holdRequests(app, parts);
    addEmbeddingRoutes(app, parts);
    await app.register(takingImages);
  };
  await server.register(computing);
  addModelRoutes(server, parts);
  addInformationRoutes(server, parts);
  addHealthRoutes(server, parts);
  await addDocumentationRoutes(server);
  await addPageRoutes(server);
  await server.ready();
  return server;
}

/** Headers of ours that scripts of other origins may read. */
const exposedHeaders = [
  'retry-after',
  'server-timing',
  'x-request-id',
  'x-webssl-errors',
  'x-webssl-model',
  'x-webssl-synthetic',
];

/** As the plugin takes them: in a list `*` would be the name of an origin. */
function allowedOrigins(origins: readonly string[]): false | '*' | string[] {
  if (origins.length === 0) return false;
  return origins.includes('*') ? '*' : [...origins];
}

/** Images and forms, beside JSON. */
function addContentTypes(app: FastifyInstance, { settings }: ServerParts): void {
  app.addContentTypeParser(
    /^(image\/|application\/octet-stream)/,
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
  app.addContentTypeParser('multipart/form-data', (request: FastifyRequest, payload: NodeJS.ReadableStream) =>
    readForm(payload, request.headers['content-type'] ?? '', settings.limits),
  );
}

/** One line of log and one count for each request, without any of its content. */
function tellOfRequests(app: FastifyInstance, { metrics, settings, encoder, watch }: ServerParts): void {
  const { synthetic } = encoder.info.model;
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-webssl-model', encodeURI(settings.modelName));
    if (synthetic) reply.header('x-webssl-synthetic', 'true');
  });
  app.addHook('onSend', async (request, reply) => {
    const { elapsedTime } = reply;
    reply.header('server-timing', `total;dur=${elapsedTime.toFixed(1)}`);
    // What is left of a refused body must not be taken for the next request; and where the server stops there is none.
    if (!request.raw.complete || watch.isStopping) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { elapsedTime: milliseconds, statusCode: status } = reply;
    metrics.requestAnswered(route, status, milliseconds);
    request.log.info(
      {
        method: request.method,
        route,
        status,
        milliseconds: Math.round(milliseconds * 10) / 10,
        ...(request.apiKey === undefined ? {} : { key: request.apiKey.name }),
      },
      'answered',
    );
  });
}

/** The client's own id, where it is one, so that its log and ours can be put together. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}
