import type { FaultRule } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { failureOf, refusalOf } from '../testing/refusal.js';
import type { RetryNotice } from '../transfer/retry.js';
import { clientFor, hubWith, id } from './testing/test-hub.js';

const files = {
  'config.json': '{"model_type":"vit"}',
  'sub/notes.txt': 'notes',
  'model.safetensors': { bytes: 2_000_000, seed: 7 },
} as const;

const signInPage = {
  kind: 'status',
  status: 200,
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body: '<!doctype html><title>Sign in</title>',
} as const;

describe('a bad connection', () => {
  const struck = async (faults: readonly FaultRule[], metadataTimeoutMilliseconds = 10_000) => {
    const hub = await hubWith(files, { faults });
    const notices: RetryNotice[] = [];
    const client = clientFor(
      hub.endpoint,
      { metadataTimeoutMilliseconds },
      { onRetry: (notice) => notices.push(notice) },
    );
    return { hub, notices, described: client.describe(id, 'main') };
  };

  it.each([
    ['a connection that is closed', { kind: 'disconnect' }, 'the connection was closed'],
    ['an answer that breaks off', { kind: 'drop', afterBytes: 10 }, 'the connection was closed'],
    ['an answer that stalls', { kind: 'stall', afterBytes: 10 }, 'nothing came for 0.5 s'],
    ['an answer that comes late', { kind: 'delay', milliseconds: 5000 }, 'no answer within 0.5 s'],
    ['a busy server', { kind: 'status', status: 503 }, 'answered 503'],
    ['a broken gateway', { kind: 'status', status: 502 }, 'answered 502'],
    ['too many requests', { kind: 'status', status: 429 }, 'answered 429'],
  ] as const)('with %s is tried again', async (_, fault, reason) => {
    const timeout = fault.kind === 'stall' || fault.kind === 'delay' ? 500 : undefined;
    const { described, notices } = await struck([{ path: '/revision/', fault, times: 2 }], timeout);
    expect((await described).files).toHaveLength(3);
    expect(notices.map(({ failures, attempts }) => [failures, attempts])).toEqual([
      [1, 3],
      [2, 3],
    ]);
    for (const notice of notices) expect(notice.reason).toContain(reason);
  });

  it('with an answer that trickles is tried again', async () => {
    const fault = { kind: 'slow', bytesPerSecond: 5 } as const;
    const { described, notices } = await struck([{ path: '/revision/', fault }], 500);
    expect((await described).files).toHaveLength(3);
    expect(notices.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/: no whole answer within 3 s$/),
    ]);
  });

  it('may take as long as a timer can measure', async () => {
    const fault = { kind: 'delay', milliseconds: 100 } as const;
    const { described, notices } = await struck([{ fault }], 2_147_483_000);
    expect((await described).files).toHaveLength(3);
    expect(notices).toEqual([]);
  });

  it('through a sign-in page of the network is tried again', async () => {
    const { described, notices } = await struck([{ fault: signInPage, times: 3 }]);
    expect((await described).files.map(({ path }) => path)).toEqual(['config.json', 'model.safetensors']);
    expect(notices).toHaveLength(2);
    for (const { reason } of notices) expect(reason).toContain('answers with a web page');
  });

  it('through a sign-in page that stays is given up with a hint', async () => {
    const { described, notices } = await struck([{ fault: signInPage, times: Infinity }]);
    const error = await refusalOf(described);
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).toMatch(/is there a sign-in page on this network\? \(after 3 tries\)/);
    expect(notices.length).toBeGreaterThanOrEqual(2);
  });

  it('is given up after so many tries, with the last reason', async () => {
    const { described } = await struck([{ fault: { kind: 'status', status: 503 }, times: Infinity }]);
    const error = await refusalOf(described);
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).toMatch(/answered 503 \(after 3 tries\)/);
    expect(error.details).toMatchObject({ failures: 3, status: 503 });
  });

  it('waits as long as the server asks', async () => {
    const fault = { kind: 'status', status: 429, headers: { 'Retry-After': '1' } } as const;
    const { described, notices, hub } = await struck([{ path: '/revision/', fault }]);
    await described;
    expect(notices[0]?.waitMilliseconds).toBeGreaterThanOrEqual(1000);
    const [first, second] = hub.requests;
    expect((second?.milliseconds ?? 0) - (first?.milliseconds ?? 0)).toBeGreaterThanOrEqual(999);
  });

  it('is given up at once where the server asks to wait for too long', async () => {
    const fault = { kind: 'status', status: 429, headers: { 'Retry-After': '3600' } } as const;
    const { described, notices } = await struck([{ fault, times: Infinity }]);
    const error = await refusalOf(described);
    expect(error.code).toBe('HUB_RATE_LIMITED');
    expect(error.message).toContain('it asks to wait 3600 s');
    expect(notices).toEqual([]);
  });

  it('is not tried for long where nobody listens', async () => {
    const notices: RetryNotice[] = [];
    const retry = {
      attempts: 50,
      firstDelayMilliseconds: 1,
      longestDelayMilliseconds: 1,
      longestRetryAfterMilliseconds: 1,
    };
    const client = clientFor('http://127.0.0.1:1', {}, { retry, onRetry: (notice) => notices.push(notice) });
    const error = await refusalOf(client.describe(id, 'main'));
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).toContain('the connection was refused (after 3 tries)');
    expect(notices).toHaveLength(2);
  });

  it('names a host that does not exist', async () => {
    const error = await refusalOf(clientFor('http://hub.invalid').describe(id, 'main'));
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).toMatch(/there is no host of this name|cannot be looked up now/);
  });
});

describe('a caller', () => {
  it('who aborts gets the own reason, in a request and in a wait', async () => {
    const hub = await hubWith(files, {
      faults: [{ fault: { kind: 'status', status: 503, headers: { 'Retry-After': '4' } }, times: Infinity }],
    });
    const reason = new Error('enough');
    for (const milliseconds of [0, 300]) {
      const controller = new AbortController();
      const described = clientFor(hub.endpoint).describe(id, 'main', controller.signal);
      setTimeout(() => controller.abort(reason), milliseconds);
      expect(await failureOf(described)).toBe(reason);
    }
  });

  it('who is offline sends nothing', async () => {
    const hub = await hubWith(files);
    const client = clientFor(hub.endpoint, { offline: true });
    expect((await refusalOf(client.describe(id, 'main'))).code).toBe('HUB_OFFLINE');
    const source = client.source({ id, commit: 'main' }, { path: 'config.json' });
    expect((await refusalOf(source.open(undefined, new AbortController().signal))).code).toBe('HUB_OFFLINE');
    expect(hub.requests).toEqual([]);
  });
});
