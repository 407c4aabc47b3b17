import type { Fault } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../testing/refusal.js';
import { clientFor, hubWith, id, serverOf } from './testing/test-hub.js';

const commit = 'c'.repeat(40);
const repositories = [
  { id, commits: [{ commit, references: ['main', 'v1'], files: { 'config.json': '{}' } }] },
];

describe('the commit of a revision', () => {
  it.each(['main', 'v1'])('is known of %s', async (revision) => {
    const hub = await hubWith({}, { repositories });
    expect(await clientFor(hub.endpoint).commitOf(id, revision)).toBe(commit);
    expect(hub.requests).toHaveLength(1);
  });

  it('is not known of a revision, or a repository, that is not there', async () => {
    const hub = await hubWith({}, { repositories });
    const client = clientFor(hub.endpoint);
    expect(await client.commitOf(id, 'v9')).toBeUndefined();
    expect(await client.commitOf('no/such', 'main')).toBeUndefined();
  });

  it('is not looked for at a mirror without an API', async () => {
    const hub = await hubWith({}, { repositories, mirror: { withoutApi: true } });
    expect(await clientFor(hub.endpoint).commitOf(id, 'main')).toBeUndefined();
    expect(hub.requests).toHaveLength(1);
  });

  it.each<Fault>([
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
    { kind: 'status', status: 403 },
    { kind: 'disconnect' },
  ])('is asked for once, whatever comes: %o', async (fault) => {
    const hub = await hubWith({}, { repositories, faults: [{ fault }] });
    const notices: unknown[] = [];
    const client = clientFor(hub.endpoint, {}, { onRetry: (notice) => notices.push(notice) });
    expect(await client.commitOf(id, 'main')).toBeUndefined();
    expect([hub.requests.length, notices]).toEqual([1, []]);
  });

  it('is not known without a hub, and offline', async () => {
    expect(await clientFor('http://127.0.0.1:1').commitOf(id, 'main')).toBeUndefined();
    const hub = await hubWith({}, { repositories });
    expect(await clientFor(hub.endpoint, { offline: true }).commitOf(id, 'main')).toBeUndefined();
    expect(hub.requests).toEqual([]);
  });

  it('is no longer waited for by a caller who aborts', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const endpoint = await serverOf(() => controller.abort(reason));
    const asked = clientFor(endpoint).commitOf(id, 'main', controller.signal);
    expect(await failureOf(asked)).toBe(reason);
  });
});
