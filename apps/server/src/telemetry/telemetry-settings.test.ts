import { describe, expect, it } from 'vitest';
import { telemetrySettings } from './telemetry-settings.js';

describe('what is sent', () => {
  it.each([
    ['nothing, without variables', {}, undefined],
    ['nothing, for an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
    ['both, to an endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, [true, true]],
    [
      'traces, to an endpoint of theirs',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1' },
      [true, false],
    ],
    ['metrics, where they are named', { OTEL_METRICS_EXPORTER: 'otlp' }, [false, true]],
    [
      'metrics alone, where traces are turned off',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'none' },
      [false, true],
    ],
    [
      'nothing, where all is turned off',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'TRUE' },
      undefined,
    ],
    [
      'nothing, with wrong values, where all is turned off',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_SDK_DISABLED: 'true' },
      undefined,
    ],
  ])('%s', (_what, environment, wanted) => {
    const settings = telemetrySettings(environment);
    expect(settings && [settings.traces, settings.metrics]).toEqual(wanted);
  });
});

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

it.each([
  [undefined, undefined, { isParentBased: true, ratio: 1 }],
  ['always_off', '0.5', { isParentBased: false, ratio: 0 }],
  ['traceidratio', '0.25', { isParentBased: false, ratio: 0.25 }],
  ['parentbased_traceidratio', '0.25', { isParentBased: true, ratio: 0.25 }],
])('the sampler %s with %s', (name, argument, sampler) => {
  const settings = telemetrySettings({
    ...endpoint,
    ...(name === undefined ? {} : { OTEL_TRACES_SAMPLER: name }),
    ...(argument === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: argument }),
  });
  expect(settings?.sampler).toEqual(sampler);
});

it('times are in milliseconds', () => {
  const times = { OTEL_METRIC_EXPORT_INTERVAL: '2500', OTEL_BSP_SCHEDULE_DELAY: '100' };
  expect(telemetrySettings({ ...endpoint, ...times })).toMatchObject({
    metricInterval: 2500,
    spanDelay: 100,
  });
});

it.each([
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_TRACES_EXPORTER', 'jaeger'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ['OTEL_METRIC_EXPORT_INTERVAL', 'soon'],
])('%s=%s is refused by name', (name, value) => {
  expect(() => telemetrySettings({ ...endpoint, [name]: value })).toThrow(
    expect.objectContaining({
      code: 'TELEMETRY_VARIABLE_INVALID',
      message: expect.stringContaining(name),
    }),
  );
});
