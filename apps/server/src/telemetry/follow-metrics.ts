import type { Meter } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import type { MetricSources } from '../metrics/server-metrics.js';
import type { Telemetry } from './telemetry.js';

/** What becomes metrics. */
export interface MetricFollower {
  follow(app: FastifyInstance, sources: MetricSources): void;
  readonly batchEnded: Telemetry['batchEnded'];
}

/** The figures of `/metrics` that a collector cannot make of the traces. Names follow the semantic conventions for HTTP. */
export function followMetrics(meter: Meter): MetricFollower {
  const requestSeconds = meter.createHistogram('http.server.request.duration', { unit: 's' });
  const batchImages = meter.createHistogram('webssl.batch.images', { unit: '{image}' });
  const batchSeconds = meter.createHistogram('webssl.batch.duration', { unit: 's' });
  const waitSeconds = meter.createHistogram('webssl.queue.wait', { unit: 's' });
  return {
    follow(app, { queue, ready }) {
      app.addHook('onResponse', async (request, reply) => {
        requestSeconds.record(reply.elapsedTime / 1000, {
          'http.request.method': request.method,
          'http.response.status_code': reply.statusCode,
          ...(request.routeOptions.url === undefined ? {} : { 'http.route': request.routeOptions.url }),
        });
      });
      meter.createObservableGauge('webssl.queue.images', { unit: '{image}' }).addCallback((gauge) => {
        const { waiting, preparing, prepared, running } = queue();
        for (const [stage, images] of Object.entries({ waiting, preparing, prepared, running })) {
          gauge.observe(images, { stage });
        }
      });
      meter.createObservableGauge('webssl.ready').addCallback((gauge) => gauge.observe(ready() ? 1 : 0));
    },
    batchEnded({ items, waits, duration, error }) {
      for (const wait of waits) waitSeconds.record(wait / 1000);
      if (error !== undefined) return;
      batchImages.record(items);
      batchSeconds.record(duration / 1000);
    },
  };
}
