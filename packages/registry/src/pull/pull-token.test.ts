import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { FaultRule, HubDoubleOptions } from '@webssl-tooling/hub-double';
import { describe, expect, it, vi } from 'vitest';
import { failureOf, refusalOf } from '../testing/refusal.js';
import type { PullOptions } from './pull-options.js';
import { checkpointFiles, freshFolder, id, openCase, openHub, type PullCase } from './testing/pull-case.js';

const token = 'hf_ThisIsTheSecretThatNobodyMaySee';
const files = checkpointFiles();

/** A hub whose model may be read with the token only. */
const gated = (more: Partial<HubDoubleOptions> = {}): HubDoubleOptions => ({
  repositories: [{ id, gated: 'manual', readers: [token], commits: [{ files }] }],
  tokens: [token, 'hf_of_somebody_else'],
  ...more,
});

/** The storage has never seen a token, and what was told does not hold it. */
function expectSecrecy({ hub, events }: PullCase): void {
  const storage = hub.requests.filter(({ host }) => host === 'cdn');
  expect(storage.every(({ authorization }) => authorization === undefined)).toBe(true);
  expect(hub.requests.every(({ path }) => !path.includes(token))).toBe(true);
  expect(inspect(events, { depth: Number.POSITIVE_INFINITY })).not.toContain(token);
}

describe('the token', () => {
  it.each<[string, (file: string) => PullOptions, Readonly<Record<string, string>>]>([
    ['the token option', () => ({ token }), {}],
    ['the token option, before the environment', () => ({ token }), { HF_TOKEN: 'hf_of_somebody_else' }],
    ['a token file', (tokenFile) => ({ token: undefined, tokenFile }), {}],
    ['HF_TOKEN', () => ({ token: undefined }), { HF_TOKEN: token }],
    ['HUGGING_FACE_HUB_TOKEN', () => ({ token: undefined }), { HUGGING_FACE_HUB_TOKEN: token }],
  ])('of %s opens a gated model, and goes to the hub only', async (_name, optionsOf, environment) => {
    const pulled = await openCase(gated());
    const file = join(await freshFolder(), 'token');
    await writeFile(file, `${token}\n`);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    await pulled.pull(id, optionsOf(file));
    expect(await pulled.visible()).toHaveLength(3);
    const ofHub = pulled.hub.requests.filter(({ host }) => host === 'hub');
    expect(ofHub.every(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBeGreaterThan(0);
    expectSecrecy(pulled);
  });

  it('in the file that HF_TOKEN_PATH names, and in that of HF_HOME, is found', async () => {
    const pulled = await openCase(gated());
    const folder = await freshFolder();
    await writeFile(join(folder, 'mine'), token);
    vi.stubEnv('HF_TOKEN_PATH', join(folder, 'mine'));
    await pulled.pull(id, { token: undefined });
    vi.stubEnv('HF_TOKEN_PATH', undefined);
    vi.stubEnv('HF_HOME', folder);
    await writeFile(join(folder, 'token'), token);
    await pulled.pull(id, { token: undefined, hubCacheFolder: join(folder, 'hub') });
    expectSecrecy(pulled);
  });

  it('is not sent where it is turned off', async () => {
    const pulled = await openCase(gated());
    vi.stubEnv('HF_TOKEN', token);
    const error = await refusalOf(pulled.pull(id, { token: false }));
    expect(error.code).toBe('HUB_ACCESS_DENIED');
    expect(error.message).toMatch(/gated.*Accept its terms at .*HF_TOKEN/);
    vi.stubEnv('HF_HUB_DISABLE_IMPLICIT_TOKEN', '1');
    expect((await refusalOf(pulled.pull(id, { token: undefined }))).code).toBe('HUB_ACCESS_DENIED');
    expect(pulled.hub.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it('is not sent to a hub that a mirror hands on to', async () => {
    const hub = await openHub(gated());
    const mirror = { redirect: { endpoint: hub.endpoint } };
    const pulled = await openCase(gated({ mirror }));
    const error = await refusalOf(pulled.pull(id, { token }));
    expect(error.code).toBe('HUB_ACCESS_DENIED');
    expect(error.message).toContain('The token was not shown to');
    expect(hub.requests.length).toBeGreaterThan(0);
    expect(hub.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  const always = Number.POSITIVE_INFINITY;
  const echo = { 'X-Error-Message': `what is ${token}?` };
  it.each<[string, FaultRule]>([
    ['access is denied and the hub repeats it', { fault: { kind: 'status', status: 403, headers: echo } }],
    [
      'the hub answers nonsense and repeats it',
      { fault: { kind: 'status', status: 418, headers: echo, body: token } },
    ],
    [
      'the hub repeats it instead of a listing',
      { path: '/api/', fault: { kind: 'status', status: 200, body: `{"sha":"${token}"}` } },
    ],
    ['the connection breaks', { fault: { kind: 'disconnect' } }],
    ['the storage fails', { on: 'cdn', fault: { kind: 'status', status: 500, body: token } }],
    ['the storage refuses', { on: 'cdn', fault: { kind: 'status', status: 403, headers: echo } }],
    [
      'a redirect is refused',
      { path: '/resolve/', fault: { kind: 'redirect', status: 302, location: 'file:///x' } },
    ],
    ['the bytes are wrong', { on: 'cdn', fault: { kind: 'alter', offset: 1 } }],
    [
      'there are too many requests',
      { fault: { kind: 'status', status: 429, headers: { 'Retry-After': '9999' } } },
    ],
  ])('is in no part of the error when %s', async (_name, rule) => {
    const pulled = await openCase(gated({ faults: [{ times: always, ...rule }] }));
    const error = await failureOf(pulled.pull(id, { token }));
    expect(
      inspect(error, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null }),
    ).not.toContain(token);
    expect(JSON.stringify(error)).not.toContain(token);
    expectSecrecy(pulled);
  });

  it('of somebody else does not help, and is not told either', async () => {
    const pulled = await openCase(gated());
    const stranger = await refusalOf(pulled.pull(id, { token: 'hf_of_somebody_else' }));
    expect(stranger.code).toBe('HUB_ACCESS_DENIED');
    expect(stranger.message).toContain('The token in use does not give access');
    const unknown = await refusalOf(pulled.pull(id, { token: 'hf_never_heard_of' }));
    expect(unknown.code).toBe('HUB_ACCESS_DENIED');
    for (const error of [stranger, unknown])
      expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(
        /hf_of_somebody_else|hf_never_heard_of/,
      );
  });

  it('that cannot be read stops the pull before any request', async () => {
    const pulled = await openCase(gated());
    const tokenFile = join(await freshFolder(), 'none');
    const error = await refusalOf(pulled.pull(id, { token: undefined, tokenFile }));
    expect(error.code).toBe('HUB_TOKEN_UNREADABLE');
    expect(pulled.hub.requests).toEqual([]);
  });
});
