import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { askForCls, jsonOf } from '../testing/ask.js';
import { numberedImage } from '../testing/numbered-image.js';
import { closed, open, takeAnswer } from '../testing/raw-http.js';
import { startTestServer, type TestServerOptions } from '../testing/test-server.js';
import { until } from '../testing/until.js';

const head = 'POST /v1/features HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/bmp\r\n';
const image = numberedImage(1);

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
});

async function start(options: TestServerOptions = {}): Promise<RunningServer> {
  server = await startTestServer({
    settings: { connectionTimes: { head: 500, idle: 500, keepAlive: 500 } },
    limits: { timeout: 1000 },
    ...options,
  });
  await server.ready;
  return server;
}

/** Sends a text byte by byte until the server has had enough. */
async function drip(socket: Socket, text: string): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = closed(socket).then(() => true);
  for (const letter of text) {
    socket.write(letter);
    if (await Promise.race([ended, sleep(20, false)])) break;
  }
  await ended;
  return Buffer.concat(chunks).toString('latin1');
}

function answerOf(bytes: string): { readonly status: number; readonly code: string } {
  const { answer } = takeAnswer(Buffer.from(bytes, 'latin1')) ?? {};
  if (answer === undefined) throw new Error(`no answer: ${bytes}`);
  return { status: answer.status, code: JSON.parse(answer.body.toString()).error.code };
}

async function expectGoodAnswer({ address }: RunningServer): Promise<void> {
  expect((await askForCls(address, image)).status).toBe(200);
}

describe('who sends slowly', () => {
  it('its head is answered 408 and closed, and others are answered meanwhile', async () => {
    const slow = await start();
    const dripping = Array.from({ length: 20 }, () =>
      drip(open(slow.address), `GET /info HTTP/1.1\r\nx: ${'y'.repeat(2000)}`),
    );
    for (let others = 0; others < 10; others++) await expectGoodAnswer(slow);
    for (const bytes of await Promise.all(dripping)) {
      expect(answerOf(bytes)).toEqual({ status: 408, code: 'REQUEST_TOO_SLOW' });
    }
  });

  it('its body is answered 408 and closed, and what it held is free', async () => {
    const slow = await start();
    const dripping = Array.from({ length: 20 }, async () => {
      const socket = open(slow.address);
      socket.write(`${head}content-length: 5000\r\n\r\n`);
      return drip(socket, 'x'.repeat(2000));
    });
    await until('their bytes are held', () => slow.encoder.queue.held.bytes === 20 * 5000);
    await expectGoodAnswer(slow);
    for (const bytes of await Promise.all(dripping)) {
      expect(answerOf(bytes)).toEqual({ status: 408, code: 'REQUEST_TOO_SLOW' });
    }
    await until('nothing is held', () => slow.encoder.queue.held.bytes === 0);
  });

  it('nothing at all is closed', async () => {
    const slow = await start();
    const socket = open(slow.address);
    socket.resume();
    await closed(socket);
    await expectGoodAnswer(slow);
  });

  it('no second request is closed', async () => {
    const slow = await start();
    const socket = open(slow.address);
    socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('alive');
    await closed(socket);
  });
});

describe('who does not read its answer', () => {
  it('is closed, and others are answered meanwhile', async () => {
    const slow = await start();
    const body = jsonOf(
      Array.from({ length: 30 }, (_, number) => numberedImage(number)),
      ['last_hidden_state', 'patches'],
    );
    const sockets = Array.from({ length: 3 }, () => {
      const socket = open(slow.address);
      socket.write(
        `POST /v1/features HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/x-ndjson\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      // Enough to see that it has begun; then nothing is read any more.
      socket.once('data', () => socket.pause());
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, 'data')));
    await expectGoodAnswer(slow);
    await until('the server has let them go', () => slow.encoder.queue.held.bytes === 0);
    await expectGoodAnswer(slow);
    for (const socket of sockets) socket.destroy();
  });
});

describe('more connections than are allowed', () => {
  it('are closed, until others are', async () => {
    const few = await start({ limits: { connections: 5 } });
    const held = Array.from({ length: 5 }, () => open(few.address));
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    for (const socket of held) socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await Promise.all(held.map((socket) => once(socket, 'data')));
    const oneMore = open(few.address);
    oneMore.resume();
    await closed(oneMore);
    expect(oneMore.bytesRead).toBe(0);
    const [first] = held;
    first?.destroy();
    if (first !== undefined) await closed(first);
    await until('there is room again', async () => {
      const answer = await fetch(`${few.address}/livez`, { headers: { connection: 'close' } }).catch(
        () => undefined,
      );
      await answer?.body?.cancel();
      return answer?.status === 200;
    });
    for (const socket of held) socket.destroy();
  });
});
