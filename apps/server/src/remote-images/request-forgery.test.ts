import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { directConnect } from './checked-connector.js';
import { createRemoteImages } from './remote-images.js';
import {
  type ImageWorld,
  loopback,
  openImageWorld,
  otherPublicAddress,
  publicAddress,
  redirectTo,
  refusalOf,
  usualSettings,
} from './testing/image-world.js';
import { addressTricks, relativeTexts, type Trick, urlTricks } from './testing/tricks.js';

let world: ImageWorld;
beforeAll(async () => {
  world = await openImageWorld();
});
beforeEach(() => world.forget());
afterAll(() => world.close());

const start = 'https://images.example.org/a.png?signature=hidden';

/** The text as it can stand in the name of a test, before the text itself. */
function titled(tricks: readonly Trick[]) {
  return tricks.map(([text, reason]) => [JSON.stringify(text).slice(0, 80), reason, text] as const);
}

describe('a URL that a client sends', () => {
  it.each(titled(urlTricks))('%s is refused: %s', async (_, reason, text) => {
    const error = await refusalOf(world.fetchOnce(text));
    expect([error.code, error.details['reason']]).toEqual(['IMAGE_URL_REFUSED', reason]);
    expect(JSON.stringify([error.message, error.details])).not.toContain('secret');
    expect([world.resolved, world.connections]).toEqual([[], []]);
  });

  it.each(relativeTexts)('%j is refused: malformed', async (text) => {
    const error = await refusalOf(world.fetchOnce(text));
    expect([error.code, error.details['reason']]).toEqual(['IMAGE_URL_REFUSED', 'malformed']);
    expect(world.connections).toEqual([]);
  });
});

describe('a redirect', () => {
  // Characters that no header can carry never get as far as a redirect.
  const sendable = urlTricks.filter(([text]) => /^[\t\u0020-\u00ff]*$/.test(text) && text.trim() === text);

  it.each(titled(sendable))('to %s is refused: %s', async (_, reason, text) => {
    world.answer = redirectTo(text);
    const error = await refusalOf(world.fetchOnce(start));
    expect(error.code).toBe('IMAGE_URL_REFUSED');
    expect(error.details).toEqual({ reason, redirects: 1, host: 'images.example.org' });
    expect(error.message).not.toMatch(/hidden|secret|evil|127|169\.254|metadata/);
    expect(world.requests).toHaveLength(1);
  });

  it('that says nothing, or two things, of where it leads is refused', async () => {
    world.answer = (_, response) => response.writeHead(302).end();
    expect((await refusalOf(world.fetchOnce(start))).details['reason']).toBe('malformed');
    world.answer = (_, response) =>
      response
        .writeHead(302, ['location', 'https://images.example.org/b', 'location', 'https://evil.example/'])
        .end();
    expect((await refusalOf(world.fetchOnce(start))).details['reason']).toBe('malformed');
  });

  it('to a name that has become private is refused', async () => {
    world.names.set('a.cdn.example.org', [['10.0.0.1']]);
    world.answer = redirectTo('https://a.cdn.example.org/');
    const error = await refusalOf(world.fetchOnce(start));
    expect(error.details).toEqual({ reason: 'address', redirects: 1, host: 'images.example.org' });
    expect(error.message).not.toMatch(/cdn|10\.0/);
    expect(world.connections).toHaveLength(1);
  });

  it('to http is refused on the way, and followed where http is allowed', async () => {
    world.answer = (request, response) =>
      'encrypted' in request.socket
        ? redirectTo('http://images.example.org/b')(request, response)
        : response.end('plain');
    expect((await refusalOf(world.fetchOnce(start))).details['reason']).toBe('scheme');
    expect(Buffer.from(await world.fetchOnce(start, { allowHttp: true })).toString()).toBe('plain');
  });
});

describe('a name of the list', () => {
  it.each(addressTricks)('that stands for %s is not connected to', async (address) => {
    for (const answer of [[address], [publicAddress, address], [address, publicAddress]]) {
      world.names.set('images.example.org', [answer]);
      const error = await refusalOf(world.fetchOnce(start));
      expect([error.code, error.details['reason']]).toEqual(['IMAGE_URL_REFUSED', 'address']);
      expect(JSON.stringify([error.message, error.details, error.cause])).not.toContain(address);
    }
    expect(world.connections).toEqual([]);
  });

  it('that changes its mind is asked once, and connected to where it was checked', async () => {
    world.names.set('images.example.org', [[publicAddress], ['127.0.0.1']]);
    await world.fetchOnce(start);
    expect(world.resolved).toEqual(['images.example.org']);
    expect(world.connections).toEqual([
      { address: publicAddress, port: '', servername: 'images.example.org' },
    ]);
  });

  it('that changes its mind between two connections is refused at the second', async () => {
    world.names.set('images.example.org', [[publicAddress], ['127.0.0.1']]);
    world.answer = (_, response) => response.writeHead(200, { connection: 'close' }).end('an image');
    const images = world.open();
    const { signal } = new AbortController();
    await images.fetch(start, signal);
    expect((await refusalOf(images.fetch(start, signal))).details['reason']).toBe('address');
    await images.close();
    expect(world.connections).toHaveLength(1);
  });

  it('is tried at its next address where one is dead, without being asked again', async () => {
    world.names.set('images.example.org', [[otherPublicAddress, publicAddress]]);
    world.deadAddresses.add(otherPublicAddress);
    await world.fetchOnce(start);
    expect(world.connections.map(({ address }) => address)).toEqual([otherPublicAddress, publicAddress]);
    expect(world.resolved).toHaveLength(1);
  });

  it('is told from its neighbours by its certificate, also where the environment trusts everybody', async () => {
    const { dependencies } = world;
    world.names.set('images.example.org', [[publicAddress]]);
    const images = createRemoteImages(usualSettings, {
      ...dependencies,
      // The world's server under a name that its certificate does not have.
      connect: (options, callback) =>
        dependencies.connect({ ...options, servername: 'other.example' }, callback),
    });
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const error = await refusalOf(images.fetch(start, new AbortController().signal)).finally(() =>
      vi.unstubAllEnvs(),
    );
    await images.close();
    expect([error.code, error.details['reason']]).toEqual(['IMAGE_URL_FAILED', 'certificate']);
    expect(world.requests).toEqual([]);
  });

  it('of a certificate that nobody vouches for is refused', async () => {
    const strict = directConnect(10_000);
    const images = createRemoteImages(usualSettings, {
      ...world.dependencies,
      connect: (options, callback) =>
        strict({ ...options, httpSocket: connect(world.securePort, loopback) }, callback),
    });
    const error = await refusalOf(images.fetch(start, new AbortController().signal));
    await images.close();
    expect([error.code, error.details['reason']]).toEqual(['IMAGE_URL_FAILED', 'certificate']);
    expect(world.requests).toEqual([]);
  });
});

describe('an address on the list', () => {
  it('is fetched from in all its spellings, without a name to resolve', async () => {
    for (const url of ['https://93.184.216.34/a', 'https://0x5db8d822/a', 'https://93.184.55330/a']) {
      await world.fetchOnce(url, { allowedHosts: [publicAddress] });
    }
    expect(world.resolved).toEqual([]);
    expect(world.connections.map(({ address }) => address)).toEqual(Array(3).fill(publicAddress));
  });
});

describe('any text', () => {
  const hosts = fc.constantFrom(
    'images.example.org',
    'IMAGES.example.org.',
    'a.cdn.example.org',
    'cdn.example.org',
    'odd.example.org:8443',
    'evil.example',
    '127.0.0.1',
    '[::1]',
    'localhost',
  );
  const glue = fc.constantFrom(
    '',
    '.',
    '@',
    ':',
    ':443',
    ':8443',
    '/',
    '\\',
    '#',
    '?',
    '%2e',
    '%00',
    '\t',
    '。',
    '//',
  );
  const schemes = fc.constantFrom(
    'https://',
    'https:',
    'https:/',
    'HTTPS:///',
    'http://',
    'file://',
    '//',
    '',
  );
  const built = fc
    .tuple(schemes, fc.array(fc.oneof(hosts, glue, fc.string({ maxLength: 3 })), { maxLength: 6 }))
    .map(([scheme, parts]) => scheme + parts.join(''));

  it('is refused, or asks for a host of the list', async () => {
    const asked: { hostname: string; port: string; protocol: string }[] = [];
    const outcomes = { refused: 0, asked: 0 };
    const images = createRemoteImages(usualSettings, {
      resolveName: async () => [{ address: publicAddress, family: 4 }],
      connect({ servername = '', port, protocol }, callback) {
        asked.push({ hostname: servername, port, protocol });
        callback(Object.assign(new Error('not here'), { code: 'ECONNREFUSED' }), null);
      },
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(built, fc.webUrl(), fc.string()), async (text) => {
        asked.length = 0;
        const error = await refusalOf(images.fetch(text, new AbortController().signal));
        outcomes[error.code === 'IMAGE_URL_REFUSED' ? 'refused' : 'asked']++;
        expect(error.code).toBe(asked.length === 0 ? 'IMAGE_URL_REFUSED' : 'IMAGE_URL_FAILED');
        for (const { hostname, port, protocol } of asked) {
          expect(`${protocol}//${hostname}:${port || 443}`).toMatch(
            /^https:\/\/(?:images\.example\.org:443|(?:[a-z0-9_-]+\.)+cdn\.example\.org:443|odd\.example\.org:8443)$/,
          );
        }
      }),
      { numRuns: 2000 },
    );
    await images.close();
    expect(outcomes.refused).toBeGreaterThan(0);
    expect(outcomes.asked).toBeGreaterThan(0);
  });
});
