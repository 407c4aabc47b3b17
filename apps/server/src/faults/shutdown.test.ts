import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testCertificate } from '../remote-images/testing/test-certificate.js';
import { askForCls, type FeatureReply } from '../testing/ask.js';
import { isAlive } from '../testing/device-process.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { numberedImage } from '../testing/numbered-image.js';
import { closed, exchange } from '../testing/raw-http.js';
import { processObstacle, ServerProcess } from '../testing/server-process.js';
import { until } from '../testing/until.js';

describe.skipIf(processObstacle !== '')(`a server that is told to end${processObstacle}`, () => {
  let expected: ExpectedFeatures;
  let folder: string;
  let server: ServerProcess;

  beforeAll(async () => {
    expected = await ExpectedFeatures.load();
    folder = await mkdtemp(join(tmpdir(), 'webssl-shutdown-'));
  });
  afterEach(async () => {
    await server.kill();
  });
  afterAll(async () => {
    await expected.close();
    await rm(folder, { recursive: true });
  });

  async function refusesConnections(address: string): Promise<boolean> {
    const { hostname, port } = new URL(address);
    const socket = connect({ host: hostname, port: Number(port) });
    return new Promise((resolve) => {
      socket.on('connect', () => {
        socket.destroy();
        resolve(false);
      });
      socket.on('error', () => resolve(true));
    });
  }

  interface Queue {
    readonly waiting: number;
    readonly preparing: number;
    readonly prepared: number;
    readonly running: number;
  }

  /** Has so many requests queued behind a device that stands still. */
  async function queueRequests(
    address: string,
    count: number,
  ): Promise<readonly Promise<FeatureReply | 'cut'>[]> {
    for (const device of server.devices) process.kill(device, 'SIGSTOP');
    const replies = Array.from({ length: count }, (_, number) =>
      askForCls(address, numberedImage(number)).catch(() => 'cut' as const),
    );
    await until('all are queued', async () => {
      const { queue } = (await (await fetch(`${address}/info`)).json()) as { queue: Queue };
      return queue.waiting + queue.preparing + queue.prepared + queue.running === count;
    });
    return replies;
  }

  it('answers what runs and what is queued, takes no more, and exits with 0', async () => {
    // It must not wait for the clients, which keep their connections.
    server = new ServerProcess(['--drain-timeout', '600']);
    const address = await server.address();
    const { devices } = server;
    const replies = await queueRequests(address, 30);
    server.signal('SIGTERM');
    await server.noted('Stopping');
    await until('new connections are refused', () => refusesConnections(address));
    for (const device of devices) process.kill(device, 'SIGCONT');
    for (const [number, reply] of (await Promise.all(replies)).entries()) {
      if (reply === 'cut') throw new Error(`request ${number} was cut off`);
      expect(reply.status).toBe(200);
      expect(reply.cls).toEqual(await expected.cls(numberedImage(number)));
    }
    expect(await server.exit).toEqual({ code: 0, signal: null });
    expect(devices.filter(isAlive)).toEqual([]);
  });

  it('answers a request whose head was on its way with 503, and when to ask again', async () => {
    server = new ServerProcess();
    const address = await server.address();
    const image = numberedImage(0);
    const head = `POST /v1/features HTTP/1.1\r\nhost: localhost\r\n`;
    const { answers } = await exchange(address, head, {
      later: (send) => {
        server.signal('SIGTERM');
        void until('new connections are refused', () => refusesConnections(address)).then(() => {
          send(Buffer.from(`content-type: image/bmp\r\ncontent-length: ${image.length}\r\n\r\n`));
          send(image);
        });
      },
    });
    const [answer] = answers;
    expect(answer?.status).toBe(503);
    expect(answer?.headers.get('retry-after')).toBe('1');
    expect(answer?.headers.get('connection')).toBe('close');
    expect(JSON.parse(answer?.body.toString() ?? '').error.code).toBe('SERVER_STOPPING');
    expect(await server.exit).toEqual({ code: 0, signal: null });
  });

  it('gives up what a stuck device does not finish in time, and leaves no process', async () => {
    server = new ServerProcess(['--drain-timeout', '0.5']);
    const address = await server.address();
    const { devices } = server;
    const replies = await queueRequests(address, 10);
    server.signal('SIGTERM');
    for (const reply of await Promise.all(replies)) {
      if (reply === 'cut') continue;
      expect(reply.status).toBe(503);
      expect(reply.code).toMatch(/^(ENCODER_CLOSED|BACKEND_LOST|SERVER_STOPPING)$/);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect(await server.exit).toEqual({ code: 0, signal: null });
    await until('the device is gone', () => !devices.some(isAlive));
  });

  it('ends at once when it is told again', async () => {
    server = new ServerProcess(['--drain-timeout', '600']);
    const address = await server.address();
    const { devices } = server;
    const replies = await queueRequests(address, 3);
    server.signal('SIGTERM');
    await server.noted('Stopping');
    server.signal('SIGTERM');
    expect(await server.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(await Promise.all(replies)).toEqual(['cut', 'cut', 'cut']);
    // It stands still since the test stopped it; on its own it ends with its caller.
    for (const device of devices) process.kill(device, 'SIGCONT');
    await until('the device is gone', () => !devices.some(isAlive));
  });

  it('while it loads is interrupted, and leaves no process', async () => {
    server = new ServerProcess();
    let devices: readonly number[] = [];
    await until('the device is started', () => {
      devices = server.devices;
      return devices.length > 0;
    });
    server.signal('SIGTERM');
    const { code, signal } = await server.exit;
    expect(signal).toBeNull();
    expect([0, 130]).toContain(code);
    if (code === 130) expect(server.notes).toContain('Interrupted before the server was up.');
    await until('the device is gone', () => !devices.some(isAlive));
  });

  it('while it tries out its device exits with 0', async () => {
    server = new ServerProcess();
    await server.noted('Serving');
    server.signal('SIGTERM');
    expect(await server.exit).toEqual({ code: 0, signal: null });
  });

  it('serves https by flags before, and ends in order', async () => {
    const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(certificate, testCertificate.cert);
    await writeFile(key, testCertificate.key);
    server = new ServerProcess(['--tls-cert', certificate, '--tls-key', key]);
    const address = new URL(await server.address());
    expect(address.protocol).toBe('https:');
    const socket = connectTls({
      host: address.hostname,
      port: Number(address.port),
      servername: 'images.example.org',
      ca: testCertificate.cert,
    });
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    await closed(socket);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    server.signal('SIGTERM');
    expect(await server.exit).toEqual({ code: 0, signal: null });
  });

  it('does not start with half of what https needs', async () => {
    server = new ServerProcess(['--tls-cert', join(folder, 'missing.pem')]);
    expect(await server.exit).toEqual({ code: 2, signal: null });
    expect(server.notes).toContain('TLS needs both --tls-cert and --tls-key.');
  });
});
