import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { failureOf, refusalOf } from '../testing/refusal.js';
import { redirectGuard } from './redirect-guard.js';

const addresses: Readonly<Record<string, readonly string[]>> = {
  'hub.example': ['93.184.216.34'],
  'cdn.example': ['93.184.216.35', '2606:2800:220:1::1'],
  'inner.example': ['10.0.0.7'],
  'mixed.example': ['93.184.216.36', 'fd00::7'],
};

async function resolveName(name: string) {
  const known = addresses[name];
  if (known === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  return known.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

const guardOf = (endpoint: string) => redirectGuard(endpoint, resolveName);
const lookupBy = (endpoint: string) => promisify(guardOf(endpoint).lookup);

describe('redirects of a public hub', () => {
  const check = (target: string) => guardOf('https://hub.example').check(new URL(target));

  it.each([
    'https://cdn.example/a?signature=x',
    'https://hub.example/b',
    'https://hub.example:8443/',
    'https://8.8.8.8/',
  ])('may lead to %s', async (target) => {
    await expect(check(target)).resolves.toBeUndefined();
  });

  it.each([
    'http://cdn.example/',
    'http://hub.example/',
    'ftp://cdn.example/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://user:hunter2@cdn.example/',
    'https://hunter2@cdn.example/',
    'https://localhost/',
    'https://a.localhost/',
    'https://127.0.0.1:8080/',
    'https://2130706433/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
  ])('may not lead to %s', async (target) => {
    const error = await refusalOf(check(target));
    expect(error.code).toBe('HUB_REDIRECT_REFUSED');
    expect(JSON.stringify([error.message, error.details])).not.toMatch(/hunter2|meta-data/);
  });

  it('may lead to plain http where the endpoint is plain http itself', async () => {
    await expect(
      guardOf('http://hub.example').check(new URL('http://cdn.example/')),
    ).resolves.toBeUndefined();
  });
});

describe('redirects of a private hub', () => {
  it.each(['http://127.0.0.1:8080', 'http://inner.example'])(
    'may lead to private addresses: %s',
    async (endpoint) => {
      await expect(guardOf(endpoint).check(new URL('http://192.168.0.9/'))).resolves.toBeUndefined();
      expect(await lookupBy(endpoint)('inner.example', { all: true })).toEqual([
        { address: '10.0.0.7', family: 4 },
      ]);
    },
  );
});

describe('names that are connected to', () => {
  it('stand for the addresses that were checked', async () => {
    const lookup = lookupBy('https://hub.example');
    expect(await lookup('cdn.example', { all: true })).toEqual([
      { address: '93.184.216.35', family: 4 },
      { address: '2606:2800:220:1::1', family: 6 },
    ]);
    expect(await lookup('cdn.example', {})).toBe('93.184.216.35');
  });

  it.each(['inner.example', 'mixed.example'])('may not stand for a private address: %s', async (name) => {
    const error = await refusalOf(lookupBy('https://hub.example')(name, { all: true }));
    expect(error.code).toBe('HUB_REDIRECT_REFUSED');
  });

  it('may not exist', async () => {
    expect(await failureOf(lookupBy('https://hub.example')('none.example', {}))).toMatchObject({
      code: 'ENOTFOUND',
    });
  });
});
