import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { askForCls, jsonOf } from '../testing/ask.js';
import { bytesInUse } from '../testing/collect-garbage.js';
import { deviceProcessOf } from '../testing/device-process.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { numberedImage } from '../testing/numbered-image.js';
import { closed, open } from '../testing/raw-http.js';
import { startTestServer } from '../testing/test-server.js';
import { until } from '../testing/until.js';

const canStop = existsSync('/proc');
const obstacle = canStop ? '' : ' (skipped: needs Linux, to stop the process of the device)';
const cuts = 200;
const mebibyte = 1024 * 1024;

/** The head of a request for features, and a body that goes with it. */
function requestOf(contentType: string, body: Buffer, query = 'features=cls'): Buffer {
  return Buffer.concat([
    Buffer.from(
      `POST /v1/features?${query} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\n\r\n`,
    ),
    body,
  ]);
}

const image = numberedImage(5, 64);
const json = Buffer.from(jsonOf([image, image]));
const form = Buffer.concat([
  Buffer.from('--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\n'),
  image,
  Buffer.from('\r\n--b\r\ncontent-disposition: form-data; name="f"; filename="b"\r\n\r\n'),
  image,
  Buffer.from('\r\n--b--\r\n'),
]);
const chunked = Buffer.concat([
  Buffer.from(
    `POST /v1/features HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: image/bmp\r\ntransfer-encoding: chunked\r\n\r\n${image.length.toString(16)}\r\n`,
  ),
  image,
  Buffer.from('\r\n0\r\n\r\n'),
]);

const requests: Readonly<Record<string, Buffer>> = {
  'an image': requestOf('image/bmp', image),
  JSON: requestOf('application/json', json),
  'a form': requestOf('multipart/form-data; boundary=b', form),
  'a body in chunks': chunked,
};

/** Ends a connection as a crash or a pulled cable would, or in order. */
function cut(socket: Socket, number: number): void {
  if (number % 2 === 0) socket.resetAndDestroy();
  else socket.destroy();
}

describe.skipIf(!canStop)(`connections that are cut${obstacle}`, () => {
  let expected: ExpectedFeatures;
  let server: RunningServer;

  beforeAll(async () => {
    expected = await ExpectedFeatures.load();
    server = await startTestServer({ encoder: { isolation: 'process', threads: 1 } });
    await server.ready;
    // What is made once and kept is no growth.
    for (const request of Object.values(requests)) await cutInside(request, 20);
    await expectNothingLeft();
  });
  afterAll(async () => {
    await server.close();
    await expected.close();
  });

  async function cutInside(request: Buffer, count: number): Promise<void> {
    const bodyStart = request.indexOf('\r\n\r\n') + 4;
    let next = 0;
    const cutOneByOne = async () => {
      while (next < count) {
        const number = next++;
        const socket = open(server.address);
        const length = bodyStart + Math.floor(((request.length - bodyStart) * number) / count);
        socket.write(request.subarray(0, length), () => setImmediate(() => cut(socket, number)));
        await closed(socket);
      }
    };
    await Promise.all(Array.from({ length: 10 }, cutOneByOne));
  }

  const sockets = () =>
    process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCPSocket')).length;

  async function expectNothingLeft(): Promise<void> {
    await until('all connections are closed', () => sockets() === 0);
    await until('nothing is queued', () => {
      const { waiting, preparing, prepared, running } = server.encoder.queue;
      return waiting + preparing + prepared + running === 0;
    });
    expect(server.encoder.queue.held).toEqual({ items: 0, bytes: 0 });
  }

  async function expectRightAnswer(): Promise<void> {
    const reply = await askForCls(server.address, image, { headers: { connection: 'close' } });
    expect(reply.status).toBe(200);
    expect(reply.cls).toEqual(await expected.cls(image));
  }

  it.each(Object.entries(requests))(
    `in the middle of %s: ${cuts} of them leave nothing behind`,
    async (_, request) => {
      const before = bytesInUse();
      await cutInside(request, cuts);
      await expectNothingLeft();
      await expectRightAnswer();
      await expectNothingLeft();
      // Each one had up to 40 KB: keeping even a sixth of them would be seen.
      expect(bytesInUse() - before).toBeLessThan((cuts * request.length) / 6 + mebibyte);
    },
  );

  it('while their images are queued cost no device time', async () => {
    const device = deviceProcessOf(server);
    process.kill(device, 'SIGSTOP');
    const waiting = Array.from({ length: cuts }, () => {
      const socket = open(server.address);
      socket.write(requests['an image'] ?? '');
      return socket;
    });
    await until('all are queued', () => server.encoder.queue.waiting > cuts - 10);
    waiting.forEach(cut);
    await until('they are forgotten though the device stands still', () => {
      const { waiting: left, held } = server.encoder.queue;
      return left === 0 && held.bytes === 0 && held.items === 0;
    });
    process.kill(device, 'SIGCONT');
    await expectRightAnswer();
    await expectNothingLeft();
  });

  it('in the middle of a large answer leave nothing behind', async () => {
    const images = Array.from({ length: 20 }, (_, number) => numberedImage(number));
    const request = requestOf(
      'application/json',
      Buffer.from(jsonOf(images, ['patches', 'last_hidden_state'])),
      '',
    );
    const before = bytesInUse();
    for (let number = 0; number < 12; number++) {
      const socket = open(server.address);
      socket.write(request);
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      expect(chunk.toString('latin1', 0, 15)).toBe('HTTP/1.1 200 OK');
      // A reader that has stopped reading; then it goes.
      socket.pause();
      if (number % 4 === 0) await sleep(20);
      cut(socket, number);
    }
    await expectNothingLeft();
    await expectRightAnswer();
    await expectNothingLeft();
    // One such answer has more than ten mebibytes.
    expect(bytesInUse() - before).toBeLessThan(8 * mebibyte);
  });
});
