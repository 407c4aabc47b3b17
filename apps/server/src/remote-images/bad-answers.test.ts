import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRemoteImages } from './remote-images.js';
import {
  type ImageWorld,
  openImageWorld,
  publicAddress,
  reasonOf,
  refusalOf,
  usualSettings,
} from './testing/image-world.js';

let world: ImageWorld;
beforeAll(async () => {
  world = await openImageWorld();
});
beforeEach(() => world.forget());
afterAll(() => world.close());

const url = 'https://images.example.org/a.png';
const never = new AbortController().signal;

function socketOf(response: ServerResponse): Socket {
  if (response.socket === null) throw new Error('The answer has no connection.');
  return response.socket;
}

/** Answers in bytes of one's own, that need not be HTTP. */
function answerRaw(write: (socket: Socket) => void) {
  world.answer = (_: IncomingMessage, response: ServerResponse) => write(socketOf(response));
}

/** How it ends, in order or not, is the client's choice. */
function endOf(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
}

/** Writes a text again and again until the connection ends. */
function drip(socket: Socket, text: string, milliseconds = 20): void {
  const timer = setInterval(() => socket.write(text), milliseconds);
  socket.on('close', () => clearInterval(timer));
  socket.on('error', () => {});
}

describe('an answer', () => {
  it.each([201, 203, 204, 205, 206, 300, 304, 400, 401, 404, 429, 500, 503])(
    'of status %i is no image',
    async (status) => {
      world.answer = (_, response) => response.writeHead(status, 'secret reason').end();
      const error = await refusalOf(world.fetchOnce(url));
      expect(error.code).toBe('IMAGE_URL_FAILED');
      expect(error.details).toEqual({ reason: 'status', status, redirects: 0, host: 'images.example.org' });
      expect(error.message).not.toContain('secret');
    },
  );

  it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'identity, gzip', 'secret'])(
    'that is encoded as %s is refused unread',
    async (encoding) => {
      const bomb = gzipSync(Buffer.alloc(20_000_000));
      world.answer = (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
      expect(await reasonOf(world.fetchOnce(url))).toEqual(['IMAGE_URL_FAILED', 'content-encoding']);
    },
  );

  it('of the most bytes is taken, one more is not', async () => {
    for (const isAnnounced of [true, false]) {
      const send = (length: number) => {
        world.answer = (_, response) => {
          if (isAnnounced) response.setHeader('content-length', length);
          else response.flushHeaders();
          response.end(Buffer.alloc(length));
        };
        return world.fetchOnce(url, { maxBytes: 70_000 });
      };
      expect((await send(70_000)).length).toBe(70_000);
      const { code, details, message } = await refusalOf(send(70_001));
      expect(code).toBe('IMAGE_TOO_LARGE');
      expect(details).toEqual({ actual: 70_001, limit: 70_000, option: 'bytes' });
      expect(message).toContain('limit of 70000');
    }
  });

  it('that announces too many bytes is refused before them', async () => {
    world.answer = (_, response) => {
      response.writeHead(200, { 'content-length': 10 ** 12 }).flushHeaders();
    };
    const { code, details } = await refusalOf(world.fetchOnce(url));
    expect([code, details['actual']]).toEqual(['IMAGE_TOO_LARGE', 10 ** 12]);
  });

  it.each([
    ['too large', 200, { 'content-length': 10 ** 12 }],
    ['of a wrong status', 404, { 'content-length': 10 ** 12 }],
    ['encoded', 200, { 'content-encoding': 'gzip' }],
    ['a redirect to a refused place', 302, { location: 'https://evil.example/' }],
    ['an endless redirect', 302, { location: '/', 'content-length': 10 ** 12 }],
  ])('that is %s is let go of with its connection', async (_, status, headers) => {
    const ends: Promise<unknown>[] = [];
    world.answer = (_, response) => {
      ends.push(endOf(socketOf(response)));
      response.writeHead(status, headers).write('a beginning');
    };
    const images = world.open();
    await refusalOf(images.fetch(url, never));
    await Promise.all(ends);
    await images.close();
    expect(ends).toHaveLength(world.requests.length);
  });

  it('without an end is broken off at the cap', async () => {
    const closed = new Promise((resolve) => {
      world.answer = (_, response) => {
        const more = (): void => {
          while (response.write(Buffer.alloc(16_384)));
        };
        response.on('drain', more).on('close', resolve);
        more();
      };
    });
    expect((await refusalOf(world.fetchOnce(url))).code).toBe('IMAGE_TOO_LARGE');
    await closed;
  });

  it.each([
    ['never begins', () => {}],
    ['stops in its headers', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-')],
    [
      'drips headers',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        drip(socket, 'A: b\r\n');
      },
    ],
    [
      'stops in its body',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
    ],
    [
      'drips a body',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n');
        drip(socket, 'x');
      },
    ],
    [
      'drips chunks',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        drip(socket, '1;extension=long\r\nx\r\n');
      },
    ],
    ['is announced for ever', (socket: Socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n')],
  ])('that %s is given up when the time is over, and its connection ends', async (_, write) => {
    let closed: Promise<unknown> | undefined;
    answerRaw((socket) => {
      closed = endOf(socket);
      write(socket);
    });
    const images = world.open({ timeoutMilliseconds: 400 });
    const error = await refusalOf(images.fetch(url, never));
    expect([error.code, error.details['reason'], error.details['limit']]).toEqual([
      'IMAGE_URL_FAILED',
      'timeout',
      400,
    ]);
    await closed;
    await images.close();
  });

  it('whose headers have no end is given up', async () => {
    answerRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      drip(socket, `X-Secret: ${'a'.repeat(2000)}\r\n`, 1);
    });
    expect(await reasonOf(world.fetchOnce(url))).toEqual(['IMAGE_URL_FAILED', 'headers']);
  });

  it.each([
    ['is no HTTP', 'SSH-2.0-secret\r\n'],
    ['ends too soon', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsecret'],
    ['ends within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nsecret'],
    ['is empty', ''],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\nsecret'],
    ['switches to another protocol', 'HTTP/1.1 101 Switching\r\nUpgrade: secret\r\n\r\n'],
  ])('that %s fails without being repeated', async (_, text) => {
    answerRaw((socket) => socket.end(text));
    const error = await refusalOf(world.fetchOnce(url));
    expect([error.code, error.details['reason']]).toEqual(['IMAGE_URL_FAILED', 'network']);
    expect(JSON.stringify([error.message, error.details, error.cause])).not.toContain('secret');
  });
});

describe('a host', () => {
  it.each([
    ['has no addresses', async () => []],
    ['is unknown', () => Promise.reject(new Error('getaddrinfo ENOTFOUND 10.0.0.1'))],
  ])('that %s fails', async (_, resolveName) => {
    const images = createRemoteImages(usualSettings, { ...world.dependencies, resolveName });
    const error = await refusalOf(images.fetch(url, never));
    await images.close();
    expect([error.code, error.details['reason']]).toEqual(['IMAGE_URL_FAILED', 'name']);
    expect(error.message).not.toContain('10.0');
  });

  it('that does not answer fails, and its addresses are not told', async () => {
    world.deadAddresses.add(publicAddress);
    const error = await refusalOf(world.fetchOnce(url));
    expect(error.details).toMatchObject({ reason: 'network', code: 'ECONNREFUSED' });
    expect(JSON.stringify([error.message, error.details, error.cause])).not.toMatch(/93\.184|127\.0/);
  });

  it('whose name takes for ever to resolve is given up in time', async () => {
    const resolveName = () => new Promise<never>(() => {});
    const settings = { ...usualSettings, timeoutMilliseconds: 200 };
    const images = createRemoteImages(settings, { ...world.dependencies, resolveName });
    expect(await reasonOf(images.fetch(url, never))).toEqual(['IMAGE_URL_FAILED', 'timeout']);
    const controller = new AbortController();
    const operation = images.fetch(url, controller.signal);
    controller.abort('no longer');
    await expect(operation).rejects.toBe('no longer');
    await images.close();
  });
});
