import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { jsonOf } from '../testing/ask.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { numberedImage } from '../testing/numbered-image.js';
import { closed, exchange, open } from '../testing/raw-http.js';
import { startTestServer } from '../testing/test-server.js';

let expected: ExpectedFeatures;
let server: RunningServer;

beforeAll(async () => {
  expected = await ExpectedFeatures.load();
  server = await startTestServer();
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await expected.close();
});

const host = 'host: localhost\r\n';

function imageRequest(number: number): Buffer {
  const image = numberedImage(number);
  const head = `POST /v1/features?features=cls HTTP/1.1\r\n${host}content-type: image/bmp\r\ncontent-length: ${image.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), image]);
}

/** Images whose answer is sent while it is being computed. */
function streamRequest(images: number): Buffer {
  const body = jsonOf(
    Array.from({ length: images }, (_, number) => numberedImage(number)),
    ['last_hidden_state'],
  );
  return Buffer.from(
    `POST /v1/features HTTP/1.1\r\n${host}accept: application/x-ndjson\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

describe('requests in one go on one connection', () => {
  it('are answered in their order, each with its own', async () => {
    const requests = Array.from({ length: 20 }, (_, number) =>
      number % 5 === 0 ? Buffer.from(`GET /nothing-${number} HTTP/1.1\r\n${host}\r\n`) : imageRequest(number),
    );
    const { answers } = await exchange(server.address, Buffer.concat(requests), { answers: 20 });
    expect(answers).toHaveLength(20);
    for (const [number, { status, body }] of answers.entries()) {
      const answer = JSON.parse(body.toString());
      if (number % 5 === 0) {
        expect(status).toBe(404);
        expect(answer.error.message).toContain(`/nothing-${number}.`);
      } else {
        expect(status).toBe(200);
        expect(Float32Array.from(answer.results[0].features.cls.data)).toEqual(
          await expected.cls(numberedImage(number)),
        );
      }
    }
  });

  it('of which one is no request do not spoil the answer before it', async () => {
    const socket = open(server.address);
    const chunks: Buffer[] = [];
    socket.once('data', () => socket.write('this is no request\r\n\r\n'));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(streamRequest(40));
    await closed(socket);
    const text = Buffer.concat(chunks).toString('latin1');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text.lastIndexOf('HTTP/1.1')).toBe(0);
  });
});

describe('a request whose length can be read in two ways', () => {
  const hidden = `GET /v1/models HTTP/1.1\r\n${host}\r\n`;
  const post = `POST /v1/features HTTP/1.1\r\n${host}content-type: application/json\r\n`;
  it.each([
    [
      'a length and chunks',
      `${post}content-length: ${5 + hidden.length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    [
      'chunks and a length',
      `${post}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    ['two lengths', `${post}content-length: 0\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a list of lengths', `${post}content-length: 0, ${hidden.length}\r\n\r\n${hidden}`],
    ['a length with a sign', `${post}content-length: +0\r\n\r\n${hidden}`],
    [
      'chunks that are not the last coding',
      `${post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    ['chunks spelled oddly', `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['chunks behind a tab', `${post}transfer-encoding:\tx\tchunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a space before the colon', `${post}content-length : ${hidden.length}\r\n\r\n${hidden}`],
    ['a folded header', `${post}x: a\r\n content-length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a line break alone', `${post}x: a\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a chunk with a wrong size', `${post}transfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${hidden}`],
    ['a carriage return alone', `${post}x: a\rcontent-length: ${hidden.length}\r\n\r\n${hidden}`],
  ])('is refused with all that follows: %s', async (_, bytes) => {
    const { answers, end } = await exchange(server.address, bytes, { answers: 2, endAfter: 300 });
    expect(end).not.toBe('answered');
    expect(answers.map(({ status }) => status).filter((status) => status !== 400)).toEqual([]);
  });
});
