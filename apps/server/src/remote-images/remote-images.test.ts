import { getEventListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ImageWorld,
  openImageWorld,
  publicAddress,
  reasonOf,
  redirectTo,
  refusalOf,
} from './testing/image-world.js';

let world: ImageWorld;
beforeAll(async () => {
  world = await openImageWorld();
});
beforeEach(() => world.forget());
afterAll(() => world.close());

const url = 'https://images.example.org/a.png';
const never = new AbortController().signal;

describe('an image', () => {
  it('comes as it is, in memory of its own', async () => {
    const content = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    world.answer = (_, response) => response.end(content);
    const bytes = await world.fetchOnce(url);
    expect(Buffer.from(bytes).equals(content)).toBe(true);
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
  });

  it('comes in any number of parts', async () => {
    const parts = Array.from({ length: 3000 }, (_, index) => Buffer.alloc(index % 60, index));
    world.answer = (_, response) => {
      for (const part of parts) response.write(part);
      response.end();
    };
    const bytes = await world.fetchOnce(url);
    expect(Buffer.from(bytes).equals(Buffer.concat(parts))).toBe(true);
  });

  it.each([
    ['https://IMAGES.example.org./a%20b.png?c=d%2Fe#f', 'https://images.example.org/a%20b.png?c=d%2Fe'],
    ['https://images.example.org:443/', 'https://images.example.org/'],
    ['https://images.example。org/', 'https://images.example.org/'],
    ['https://a.cdn.example.org/a.png', 'https://a.cdn.example.org/a.png'],
    ['https://odd.example.org:8443/a.png', 'https://odd.example.org:8443/a.png'],
  ])('at %s is asked for as %s', async (given, asked) => {
    await world.fetchOnce(given);
    expect(world.requests.map((request) => request.url)).toEqual([asked]);
    const { hostname, port } = new URL(asked);
    expect(world.resolved).toEqual([hostname]);
    expect(world.connections).toEqual([{ address: publicAddress, port, servername: hostname }]);
  });

  it('at a name of another script is asked for at the name of the list', async () => {
    await world.fetchOnce('http://Bücher.example/', { allowedHosts: ['bücher.example'], allowHttp: true });
    expect(world.resolved).toEqual(['xn--bcher-kva.example']);
  });

  it('is asked for with nothing that tells who asks', async () => {
    world.answer = (request, response) =>
      request.url === '/a.png'
        ? response.writeHead(302, { location: '/b', 'set-cookie': 'a=b' }).end()
        : response.end();
    await world.fetchOnce(url);
    expect(world.requests).toHaveLength(2);
    for (const { headers } of world.requests) {
      expect(headers).toEqual({
        host: 'images.example.org',
        connection: 'keep-alive',
        accept: 'image/png, image/jpeg, image/webp, image/*;q=0.5',
        'accept-encoding': 'identity',
        'user-agent': expect.stringMatching(/^webssl-server\/\d/),
      });
    }
  });

  it('is fetched directly, whatever proxies the environment names', async () => {
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']) {
      vi.stubEnv(name, 'http://127.0.0.1:1');
    }
    await world.fetchOnce(url).finally(() => vi.unstubAllEnvs());
    expect(world.connections).toEqual([
      { address: publicAddress, port: '', servername: 'images.example.org' },
    ]);
  });
});

describe('redirects', () => {
  /** Paths count down to the image. */
  const countDown = (request: IncomingMessage, response: ServerResponse) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('arrived');
    else redirectTo(`/${left - 1}`)(request, response);
  };

  it.each([301, 302, 303, 307, 308])('of status %i are followed', async (status) => {
    world.answer = (request, response) =>
      request.url === '/b'
        ? response.end('arrived')
        : redirectTo('https://a.cdn.example.org/b', status)(request, response);
    expect(Buffer.from(await world.fetchOnce(url)).toString()).toBe('arrived');
    expect(world.resolved).toEqual(['images.example.org', 'a.cdn.example.org']);
  });

  it('are followed as often as is allowed, and no more', async () => {
    world.answer = countDown;
    await world.fetchOnce('https://images.example.org/5');
    expect(world.requests).toHaveLength(6);
    world.forget();
    world.answer = countDown;
    const error = await refusalOf(world.fetchOnce('https://images.example.org/6'));
    expect([error.code, error.details['reason']]).toEqual(['IMAGE_URL_REFUSED', 'redirects']);
    expect(world.requests).toHaveLength(6);
  });

  it('that lead in a circle come to an end', async () => {
    world.answer = redirectTo(url);
    expect(await reasonOf(world.fetchOnce(url))).toEqual(['IMAGE_URL_REFUSED', 'redirects']);
  });

  it('are all refused where none is allowed', async () => {
    world.answer = countDown;
    const operation = world.fetchOnce('https://images.example.org/1', { maxRedirects: 0 });
    expect(await reasonOf(operation)).toEqual(['IMAGE_URL_REFUSED', 'redirects']);
  });

  it('share one cap of time', async () => {
    world.answer = (request, response) => {
      setTimeout(() => redirectTo('/again')(request, response), 150);
    };
    const operation = world.fetchOnce(url, { timeoutMilliseconds: 500, maxRedirects: 20 });
    expect(await reasonOf(operation)).toEqual(['IMAGE_URL_FAILED', 'timeout']);
  });
});

describe('the signal', () => {
  it('ends a fetch in the middle, and its connection', async () => {
    const controller = new AbortController();
    // As the server's own connections end.
    const reason = Object.assign(new Error('the client has gone'), { code: 'ECONNRESET' });
    const closed = new Promise((resolve) => {
      world.answer = (_, response) => {
        response.on('close', resolve).write('half');
        setTimeout(() => controller.abort(reason), 50);
      };
    });
    const images = world.open();
    await expect(images.fetch(url, controller.signal)).rejects.toBe(reason);
    await closed;
    await images.close();
  });

  it('prevents a fetch', async () => {
    await expect(world.fetchOnce(url, {}, AbortSignal.abort('gone'))).rejects.toBe('gone');
    expect(world.resolved).toEqual([]);
  });

  it('may be that of many fetches, and is let go of afterwards', async () => {
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    await Promise.all(Array.from({ length: 20 }, () => world.fetchOnce(url, {}, signal)));
    await refusalOf(world.fetchOnce('https://evil.example/', {}, signal));
    process.off('warning', onWarning);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warnings).toEqual([]);
  });
});

describe('many fetches', () => {
  it('at once each get their own image over few connections, also while others are broken off', async () => {
    world.answer = (request, response) => {
      setTimeout(() => response.end(`image of ${request.url}`), Number(request.url?.slice(1)) % 7);
    };
    const images = world.open();
    const fetches = Array.from({ length: 60 }, async (_, index) => {
      const controller = new AbortController();
      const operation = images.fetch(`https://images.example.org/${index}`, controller.signal);
      if (index % 3 === 0) setTimeout(() => controller.abort('broken off'), index);
      return Buffer.from(await operation).toString();
    });
    const results = await Promise.allSettled(fetches);
    await images.close();
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') expect(result.value).toBe(`image of /${index}`);
      else expect([index % 3, result.reason]).toEqual([0, 'broken off']);
    }
    expect(results[0]?.status).toBe('rejected');
  });

  it('from one host take eight connections at most', async () => {
    let most = 0;
    world.answer = (_, response) => {
      most = Math.max(most, world.sockets.size);
      setTimeout(() => response.end(), 5);
    };
    const images = world.open();
    await Promise.all(Array.from({ length: 40 }, () => images.fetch(url, never)));
    await images.close();
    expect(world.requests).toHaveLength(40);
    expect(most).toBe(8);
  });

  it('that wait and are given up cost no connection', async () => {
    const held: ServerResponse[] = [];
    world.answer = (_, response) => held.push(response);
    const images = world.open();
    const first = Array.from({ length: 8 }, () => images.fetch(url, never));
    await vi.waitFor(() => expect(held).toHaveLength(8));
    const controller = new AbortController();
    const waiting = Array.from({ length: 30 }, () => images.fetch(url, controller.signal));
    const last = images.fetch(url, never);
    controller.abort('no longer');
    expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(
      Array(30).fill('rejected'),
    );
    for (const response of held) response.end();
    await Promise.all(first);
    await vi.waitFor(() => expect(held).toHaveLength(9));
    held[8]?.end();
    await last;
    await images.close();
    expect(world.requests).toHaveLength(9);
    expect(world.connections.length).toBeLessThanOrEqual(9);
  });

  it('one after another keep their connection', async () => {
    const images = world.open();
    for (let index = 0; index < 3; index++) {
      await images.fetch(url, never);
      // The connection is free a moment after the last byte.
      await sleep(20);
    }
    await images.close();
    expect(world.connections).toHaveLength(1);
    expect(world.resolved).toHaveLength(1);
  });
});

describe('closing', () => {
  it('breaks off what is being fetched, ends connections and refuses what comes later', async () => {
    const begun = new Promise<void>((resolve) => {
      world.answer = (_, response) => {
        response.write('half');
        resolve();
      };
    });
    const images = world.open();
    const operation = reasonOf(images.fetch(url, never));
    await begun;
    await images.close();
    expect(await operation).toEqual(['IMAGE_URL_FAILED', 'closed']);
    expect(await reasonOf(images.fetch(url, never))).toEqual(['IMAGE_URL_FAILED', 'closed']);
    await vi.waitFor(() => expect(world.sockets.size).toBe(0));
    await images.close();
    expect(world.requests).toHaveLength(1);
  });
});

describe('settings', () => {
  it('without hosts turn images by URL off', async () => {
    const { code, message } = await refusalOf(world.fetchOnce(url, { allowedHosts: [] }));
    expect(code).toBe('IMAGE_URLS_OFF');
    expect(message).toContain('--allow-url-host');
  });

  it.each([
    [{ allowedHosts: ['localhost'] }, 'localhost'],
    [{ allowedHosts: ['https://images.example.org/'] }, 'https://images.example.org/'],
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ maxBytes: Number.NaN }, 'maxBytes'],
    [{ timeoutMilliseconds: 1.5 }, 'timeoutMilliseconds'],
    [{ timeoutMilliseconds: 2 ** 31 }, 'timeoutMilliseconds'],
    [{ maxRedirects: -1 }, 'maxRedirects'],
    [{ maxRedirects: 21 }, 'maxRedirects'],
  ])('%o are refused', (changes, name) => {
    expect(() => world.open(changes)).toThrow(
      expect.objectContaining({ code: 'IMAGE_URL_OPTION_INVALID', message: expect.stringContaining(name) }),
    );
  });
});
