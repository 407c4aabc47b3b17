import { WebsslError } from '@webssl/backend';
import { z } from 'zod';

/** What is sent to a collector, by the environment variables of the OpenTelemetry specification. */
export interface TelemetrySettings {
  readonly traces: boolean;
  readonly metrics: boolean;
  readonly sampler: SamplerSettings;
  /** Milliseconds between two exports of the metrics. */
  readonly metricInterval: number;
  /** Milliseconds until finished spans are sent. */
  readonly spanDelay: number;
}

export interface SamplerSettings {
  readonly isParentBased: boolean;
  /** Share of the traces that begin here, 0 to 1. */
  readonly ratio: number;
}

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const exporter = z.enum(['otlp', 'none']);
const milliseconds = z.coerce
  .number()
  .int()
  .positive()
  .max(2 ** 31 - 1);
const protocol = z.literal('http/protobuf', { error: 'only http/protobuf is spoken here' });

/** Source: opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables and /protocol/exporter. */
const variables = z.object({
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: exporter.optional(),
  OTEL_METRICS_EXPORTER: exporter.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol.optional(),
  OTEL_TRACES_SAMPLER: z.enum(samplers).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_METRIC_EXPORT_INTERVAL: milliseconds.default(60_000),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds.default(5000),
});

/**
 * Reads the variables. An empty one counts as unset, as the specification has it.
 *
 * @returns absent where nothing is to be sent
 * @throws WebsslError `TELEMETRY_VARIABLE_INVALID`
 */
export function telemetrySettings(environment: NodeJS.ProcessEnv): TelemetrySettings | undefined {
  const set = Object.entries(environment).filter(([name, value]) => name.startsWith('OTEL_') && value !== '');
  if (set.some(([name, value]) => name === 'OTEL_SDK_DISABLED' && value?.toLowerCase() === 'true'))
    return undefined;
  const parsed = variables.safeParse(Object.fromEntries(set));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = issue?.path.join('.') ?? '';
    throw new WebsslError({
      code: 'TELEMETRY_VARIABLE_INVALID',
      message: `The environment variable ${name} cannot be used: ${issue?.message}. Change or unset it.`,
      details: { name },
    });
  }
  const values = parsed.data;
  const traces = isWanted(
    values.OTEL_TRACES_EXPORTER,
    values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT,
  );
  const metrics = isWanted(
    values.OTEL_METRICS_EXPORTER,
    values.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT,
  );
  if (!traces && !metrics) return undefined;
  return {
    traces,
    metrics,
    sampler: samplerOf(values.OTEL_TRACES_SAMPLER, values.OTEL_TRACES_SAMPLER_ARG),
    metricInterval: values.OTEL_METRIC_EXPORT_INTERVAL,
    spanDelay: values.OTEL_BSP_SCHEDULE_DELAY,
  };
}

/** Nothing is sent unless somebody says where to, or asks for it by name. */
function isWanted(exporter: 'otlp' | 'none' | undefined, endpoint: string | undefined): boolean {
  return exporter === 'otlp' || (exporter === undefined && endpoint !== undefined);
}

function samplerOf(name: (typeof samplers)[number], share: number): SamplerSettings {
  const kind = name.replace('parentbased_', '');
  const ratio = kind === 'always_off' ? 0 : kind === 'always_on' ? 1 : share;
  return { isParentBased: name.startsWith('parentbased_'), ratio };
}
