import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { followMetrics } from './follow-metrics.js';
import { followTraces } from './follow-traces.js';
import type { Telemetry } from './telemetry.js';
import type { SamplerSettings, TelemetrySettings } from './telemetry-settings.js';

const scope = '@webssl/server';

/** The two pipelines. Where they send to, with which headers and how long they try, the exporters read from the environment. */
export function createTelemetry(settings: TelemetrySettings, version: string): Telemetry {
  const resource = describeService(version);
  const tracing = settings.traces
    ? new TracerProvider({
        resource,
        sampler: samplerOf(settings.sampler),
        spanProcessors: [
          new BatchSpanProcessor({
            exporter: new OTLPTraceExporter(),
            scheduledDelayMillis: settings.spanDelay,
          }),
        ],
      })
    : undefined;
  const metering = settings.metrics
    ? new MeterProvider({
        resource,
        readers: [
          new PeriodicExportingMetricReader({
            exporter: new OTLPMetricExporter(),
            exportIntervalMillis: settings.metricInterval,
            exportTimeoutMillis: Math.min(settings.metricInterval, 30_000),
          }),
        ],
      })
    : undefined;
  const traces = tracing && followTraces(tracing.getTracer(scope, version));
  const metrics = metering && followMetrics(metering.getMeter(scope, version));
  return {
    follow(app, sources) {
      traces?.follow(app);
      metrics?.follow(app, sources);
    },
    batchEnded(batch) {
      traces?.batchEnded(batch);
      metrics?.batchEnded(batch);
    },
    async close() {
      // A collector that is gone must not keep a server from ending.
      await Promise.allSettled([tracing?.shutdown(), metering?.shutdown()]);
    },
  };
}

/** `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` over our own name. */
function describeService(version: string): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'webssl-server', 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }));
}

function samplerOf({ isParentBased, ratio }: SamplerSettings): Sampler {
  const root =
    ratio === 1
      ? new AlwaysOnSampler()
      : ratio === 0
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(ratio);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}
