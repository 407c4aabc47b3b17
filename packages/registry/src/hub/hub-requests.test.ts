import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { failureOf, refusalOf } from '../testing/refusal.js';
import { redirectGuard } from './redirect-guard.js';
import { id, serverOf } from './testing/test-hub.js';
import { ask, get, proxied, recorder, requestsFor, token } from './testing/test-requests.js';

describe('the token', () => {
  it.each([301, 302, 303, 307, 308])('goes to the endpoint and not where a %i leads', async (status) => {
    const elsewhere = await recorder();
    const hub = await recorder({ '/a': `${elsewhere.endpoint}/b` }, status);
    expect((await get(requestsFor(hub.endpoint), '/a')).text).toBe('ok');
    expect(hub.seen[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(elsewhere.seen).toHaveLength(1);
    expect(JSON.stringify(elsewhere.seen[0]?.rawHeaders)).not.toContain(token);
  });

  it('goes along with a redirect within the endpoint, and comes back with one to it', async () => {
    const redirects: Record<string, string> = { '/a': '/b#part' };
    const hub = await recorder(redirects);
    const elsewhere = await recorder({ '/c': `${hub.endpoint}/d` });
    redirects['/b'] = `${elsewhere.endpoint}/c`;
    const answer = await get(requestsFor(hub.endpoint), '/a');
    expect(answer.url.href).toBe(`${hub.endpoint}/d`);
    expect(hub.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual(
      ['/a', '/b', '/d'].map((path) => [path, `Bearer ${token}`]),
    );
    expect(elsewhere.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('does not go to another port or name of the same host', async () => {
    const elsewhere = await recorder();
    const hub = await recorder({ '/a': elsewhere.endpoint.replace('127.0.0.1', 'localhost') });
    await get(requestsFor(hub.endpoint), '/a');
    expect(elsewhere.seen[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ['a header', { 'X-Error-Message': `bad ${token}` }, ''],
    ['the body', {}, token],
    ['a header and a code', { 'X-Error-Code': 'GatedRepo', 'X-Error-Message': `\u009b31m${token}` }, ''],
  ])('is not in an error when a hub repeats it in %s', async (_, headers, body) => {
    const endpoint = await serverOf((_request, response) => response.writeHead(403, headers).end(body));
    const error = await refusalOf(get(requestsFor(endpoint), '/a'));
    expect(error.code).toBe('HUB_ACCESS_DENIED');
    const shown = inspect(error, { depth: 12, showHidden: true });
    expect([shown.includes(token), shown.includes('\u009b')]).toEqual([false, false]);
  });

  it('is not in an error of a connection', async () => {
    const broken = await serverOf((request) => request.socket.destroy());
    const garbled = await serverOf((request) => request.socket.end(`HTTP/1.1 2${token}\r\n\r\n`));
    for (const endpoint of [broken, garbled, 'http://127.0.0.1:1']) {
      const error = await failureOf(get(requestsFor(endpoint), '/a'));
      expect(error).toMatchObject({ name: 'TransferProblem' });
      expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(token);
    }
  });
});

describe('a redirect', () => {
  it('is followed ten times and no more', async () => {
    const chain = Object.fromEntries(Array.from({ length: 12 }, (_, step) => [`/${step}`, `/${step + 1}`]));
    const hub = await recorder(chain);
    expect((await get(requestsFor(hub.endpoint), '/2')).text).toBe('ok');
    const error = await refusalOf(get(requestsFor(hub.endpoint), '/1'));
    expect(error.code).toBe('HUB_REDIRECT_REFUSED');
    expect(error.message).toContain('more than 10 redirects');
  });

  it('that leads nowhere is no answer', async () => {
    for (const headers of [{}, { Location: 'http://' }]) {
      const endpoint = await serverOf((_, response) => response.writeHead(302, headers).end());
      const error = await refusalOf(get(requestsFor(endpoint), '/a'));
      expect(error.code).toBe('HUB_RESPONSE_INVALID');
      expect(error.message).toContain('answered 302');
    }
  });

  it('to a private address is refused from a public hub', async () => {
    const inner = await recorder();
    const hub = await recorder({
      '/a': `${inner.endpoint}/secret`,
      '/b': 'http://localhost/',
      '/c': 'file:///etc/passwd',
    });
    const { proxies } = await proxied({ 'hub.example': hub.endpoint });
    const requests = requestsFor('http://hub.example', { proxies });
    for (const path of ['/a', '/b', '/c']) {
      expect((await refusalOf(get(requests, path))).code).toBe('HUB_REDIRECT_REFUSED');
    }
    expect(inner.seen).toEqual([]);
  });

  it('to a name that stands for a private address is refused when it is connected to', async () => {
    const inner = await recorder();
    const { port } = new URL(inner.endpoint);
    const hub = await recorder({ '/a': `http://inner.example:${port}/secret` });
    const { proxies } = await proxied(
      { 'hub.example': hub.endpoint, 'home.example': hub.endpoint },
      'inner.example',
    );
    const names: Readonly<Record<string, string>> = {
      'inner.example': '127.0.0.1',
      'home.example': '10.0.0.1',
      'hub.example': '93.184.216.34',
    };
    const resolveName = async (name: string) => [{ address: names[name] ?? '', family: 4 }];

    const outside = requestsFor(
      'http://hub.example',
      { proxies },
      redirectGuard('http://hub.example', resolveName),
    );
    expect((await refusalOf(get(outside, '/a'))).code).toBe('HUB_REDIRECT_REFUSED');
    expect(inner.seen).toEqual([]);

    const inside = requestsFor(
      'http://home.example',
      { proxies },
      redirectGuard('http://home.example', resolveName),
    );
    expect((await get(inside, '/a')).text).toBe('ok');
    expect(inner.seen).toHaveLength(1);
  });
});

describe('an answer', () => {
  it.each([
    [400, {}, 'HUB_RESPONSE_INVALID'],
    [401, {}, 'HUB_ACCESS_DENIED'],
    [403, {}, 'HUB_ACCESS_DENIED'],
    [404, {}, 'HUB_REPOSITORY_NOT_FOUND'],
    [410, {}, 'HUB_REPOSITORY_NOT_FOUND'],
    [451, {}, 'HUB_RESPONSE_INVALID'],
    [501, {}, 'HUB_RESPONSE_INVALID'],
    [304, {}, 'HUB_RESPONSE_INVALID'],
    [401, { 'X-Error-Code': 'RepoNotFound' }, 'HUB_REPOSITORY_NOT_FOUND'],
    [404, { 'X-Error-Code': 'RevisionNotFound' }, 'HUB_REVISION_NOT_FOUND'],
    [404, { 'X-Error-Code': 'EntryNotFound' }, 'HUB_FILE_NOT_FOUND'],
    [401, { 'X-Error-Code': 'GatedRepo' }, 'HUB_ACCESS_DENIED'],
    [403, { 'X-Error-Code': 'GatedRepo' }, 'HUB_ACCESS_DENIED'],
  ])('of %i with %o is %s', async (status, headers, code) => {
    const endpoint = await serverOf((_, response) => response.writeHead(status, headers).end());
    const error = await refusalOf(get(requestsFor(endpoint), '/a'));
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject({ status, id, revision: 'main' });
  });

  it.each([408, 425, 429, 500, 502, 503, 504, 520, 524])(
    'of %i may be better the next time',
    async (status) => {
      const endpoint = await serverOf((_, response) =>
        response.writeHead(status, { 'Retry-After': '2' }).end(),
      );
      expect(await failureOf(get(requestsFor(endpoint), '/a'))).toMatchObject({
        name: 'TransferProblem',
        status,
        retryAfterMilliseconds: 2000,
      });
    },
  );

  it('of another hub says that the token was not shown there', async () => {
    const other = await serverOf((_, response) =>
      response.writeHead(401, { 'X-Error-Code': 'GatedRepo' }).end(),
    );
    const hub = await recorder({ '/a': `${other}/a` }, 308);
    const error = await refusalOf(get(requestsFor(hub.endpoint), '/a'));
    expect(error.message).toContain(`The token was not shown to ${new URL(other).host}`);
  });
});

it('connections end when the client is closed, also those in use', async () => {
  const endpoint = await serverOf((_, response) => response.write('never ending'));
  const requests = requestsFor(endpoint);
  const { body } = await ask(requests, '/a');
  const chunks = body[Symbol.asyncIterator]();
  await chunks.next();
  const pending = failureOf(chunks.next());
  await requests.close();
  expect(await pending).toBeInstanceOf(Error);
});
