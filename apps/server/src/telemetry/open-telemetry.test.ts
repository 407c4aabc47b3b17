import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { goldenImage } from '@webssl-tooling/fixtures';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startTestServer } from '../testing/test-server.js';
import { openTelemetry } from './open-telemetry.js';

const photograph = readFileSync(goldenImage('rocket.jpg'));
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

let collector: Server;
/** Bodies that the collector was sent, by path. They are protobuf, in which texts and ids stand as they are. */
let sent: Map<string, Buffer>;
const environmentValues = new Map<string, string | undefined>();

/** The exporters read the environment of the process by themselves. */
function setVariables(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    environmentValues.set(name, process.env[name]);
    process.env[name] = value;
  }
}

beforeEach(async () => {
  sent = new Map();
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '';
    sent.set(path, Buffer.concat([sent.get(path) ?? Buffer.alloc(0), ...chunks]));
    response.end();
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const [name, value] of environmentValues) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  environmentValues.clear();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

const endpoint = () => `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;

async function askOnce(): Promise<void> {
  const server = await startTestServer();
  await server.ready;
  const answer = await fetch(`${server.address}/v1/features`, {
    method: 'POST',
    body: photograph,
    headers: { 'content-type': 'image/jpeg', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  await server.close(1000);
}

it('a request is a span of the trace that its client began, and a batch one of its own', async () => {
  setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(), OTEL_SERVICE_NAME: 'features-of-the-test' });
  await askOnce();
  const traces = sent.get('/v1/traces') ?? Buffer.alloc(0);
  expect(traces.includes('POST /v1/features')).toBe(true);
  expect(traces.includes(Buffer.from(traceId, 'hex'))).toBe(true);
  expect(traces.includes('webssl.batch.images')).toBe(true);
  expect(traces.includes('features-of-the-test')).toBe(true);
});

it('metrics are sent, the last ones when the server ends', async () => {
  setVariables({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${endpoint()}/v1/metrics` });
  await askOnce();
  expect([...sent.keys()]).toEqual(['/v1/metrics']);
  const metrics = sent.get('/v1/metrics') ?? Buffer.alloc(0);
  for (const name of [
    'http.server.request.duration',
    'webssl.batch.duration',
    'webssl.queue.images',
    'webssl.ready',
  ]) {
    expect(metrics.includes(name), name).toBe(true);
  }
});

it('a collector that is gone keeps nobody from an answer, nor the server from ending', async () => {
  setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(), OTEL_EXPORTER_OTLP_TIMEOUT: '500' });
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
  await askOnce();
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});

it('nothing is loaded where nothing is asked for', async () => {
  const load = vi.fn();
  vi.doMock('./create-telemetry.js', () => {
    load();
    return {};
  });
  expect(await openTelemetry({}, '1.0.0')).toBeUndefined();
  expect(load).not.toHaveBeenCalled();
  vi.doUnmock('./create-telemetry.js');
});
