import { describe, expect, it } from 'vitest';
import type { HubDoubleRepository } from './options.js';
import { fetchOnce, hubWith, id, openHub } from './testing.js';

const file = `${id}/resolve/main/a.txt`;
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

async function hubWithRepository(repository: Partial<HubDoubleRepository>) {
  return openHub({
    repositories: [{ id, commits: [{ files: { 'a.txt': 'x' } }], ...repository }],
    tokens: ['hf_reader', 'hf_stranger'],
  });
}

describe('refusals', () => {
  it('tells a wrong revision from a wrong path, and says the commit of the latter', async () => {
    const hub = await hubWith({ 'a.txt': 'x' });
    const { commit } = await hub.describe(id, 'a.txt');
    const revision = await fetchOnce(`${hub.endpoint}/${id}/resolve/none/a.txt`);
    expect(revision.status).toBe(404);
    expect(revision.headers).toMatchObject({
      'x-error-code': 'RevisionNotFound',
      'x-error-message': 'Invalid rev id: none',
    });
    const path = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/none`, { method: 'HEAD' });
    expect(path.status).toBe(404);
    expect(path.headers).toMatchObject({ 'x-error-code': 'EntryNotFound', 'x-repo-commit': commit });
    const api = await fetchOnce(`${hub.endpoint}/api/models/${id}/revision/none`);
    expect(api.headers['x-error-code']).toBe('RevisionNotFound');
    expect(JSON.parse(api.body.toString())).toEqual({ error: 'Invalid rev id: none' });
  });

  it('answers 401 for an unknown repository to who has no token, 404 to who has one', async () => {
    const hub = await hubWith({});
    for (const path of ['no/such/resolve/main/a.txt', 'api/models/no/such']) {
      const anonymous = await fetchOnce(`${hub.endpoint}/${path}`);
      expect(anonymous.status).toBe(401);
      expect(anonymous.headers['x-error-code']).toBe('RepoNotFound');
      const known = await fetchOnce(`${hub.endpoint}/${path}`, bearer('hf_any'));
      expect(known.status).toBe(404);
      expect(known.headers['x-error-code']).toBe('RepoNotFound');
    }
  });

  it('answers for a private repository as if it did not exist, except to its readers', async () => {
    const hub = await hubWithRepository({ private: true, readers: ['hf_reader'] });
    const status = async (path: string, token?: string) =>
      (await fetchOnce(`${hub.endpoint}/${path}`, token === undefined ? {} : bearer(token))).status;
    for (const path of [file, `api/models/${id}/tree/main`]) {
      expect(await status(path)).toBe(401);
      expect(await status(path, 'hf_stranger')).toBe(404);
      expect(await status(path, 'hf_reader')).toBe(200);
    }
  });

  it('shows the listing of a gated repository to everyone and its files to readers', async () => {
    const hub = await hubWithRepository({ gated: 'manual', readers: ['hf_reader'] });
    const listing = await fetchOnce(`${hub.endpoint}/api/models/${id}`);
    expect(JSON.parse(listing.body.toString())).toMatchObject({ gated: 'manual' });
    const anonymous = await fetchOnce(`${hub.endpoint}/${file}`);
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers['x-error-code']).toBe('GatedRepo');
    const stranger = await fetchOnce(`${hub.endpoint}/${file}`, bearer('hf_stranger'));
    expect(stranger.status).toBe(403);
    expect(stranger.headers['x-error-code']).toBe('GatedRepo');
    expect((await fetchOnce(`${hub.endpoint}/${file}`, bearer('hf_reader'))).status).toBe(200);
  });

  it('answers 401 to a token that it does not know, even for public files', async () => {
    const hub = await hubWithRepository({});
    const answer = await fetchOnce(`${hub.endpoint}/${file}`, bearer('hf_wrong'));
    expect(answer.status).toBe(401);
    expect(answer.headers['x-error-message']).toBe('Invalid credentials in Authorization header');
    expect(answer.headers['x-error-code']).toBeUndefined();
  });

  it('refuses other methods, other paths and broken encodings', async () => {
    const hub = await hubWith({ 'a.txt': 'x' });
    const status = async (path: string, method = 'GET') =>
      (await fetchOnce(`${hub.endpoint}${path}`, { method })).status;
    expect(await status(`/${file}`, 'DELETE')).toBe(405);
    expect(await status(`/${file}`, 'POST')).toBe(405);
    expect(await status('/')).toBe(404);
    expect(await status('/login')).toBe(404);
    expect(await status(`/${id}/resolve/main/%zz`)).toBe(404);
    expect(await status(`/api/models/${id}/commits/main`)).toBe(404);
    expect(await status(`/api/models/${id}/paths-info/main`)).toBe(404);
  });
});
