import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type TextMapGetter, type Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { FastifyInstance } from 'fastify';
import type { Telemetry } from './telemetry.js';

/** What becomes spans. */
export interface TraceFollower {
  follow(app: FastifyInstance): void;
  readonly batchEnded: Telemetry['batchEnded'];
}

/** A span for each request, as a part of the client's trace where it sends one, and a trace for each batch. */
export function followTraces(tracer: Tracer): TraceFollower {
  const propagator = new W3CTraceContextPropagator();
  return {
    follow(app) {
      app.addHook('onRequest', async (request, reply) => {
        const route = request.routeOptions.url;
        const span = tracer.startSpan(
          route === undefined ? request.method : `${request.method} ${route}`,
          {
            kind: SpanKind.SERVER,
            attributes: {
              'http.request.method': request.method,
              'url.scheme': request.protocol,
              'webssl.request.id': request.id,
              ...(route === undefined ? {} : { 'http.route': route }),
            },
          },
          propagator.extract(ROOT_CONTEXT, request.headers, headers),
        );
        reply.raw.once('close', () => {
          const { statusCode: status, writableFinished } = reply.raw;
          span.setAttribute('http.response.status_code', status);
          if (!writableFinished) span.addEvent('client gone');
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        });
      });
    },
    batchEnded({ items, duration, error }) {
      const ended = Date.now();
      const span = tracer.startSpan('batch', {
        kind: SpanKind.INTERNAL,
        root: true,
        startTime: ended - duration,
        attributes: { 'webssl.batch.images': items },
      });
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(ended);
    },
  };
}

const headers: TextMapGetter<Readonly<Record<string, string | string[] | undefined>>> = {
  keys: (carrier) => Object.keys(carrier),
  get: (carrier, key) => carrier[key],
};
