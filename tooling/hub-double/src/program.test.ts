import { describe, expect, it } from 'vitest';
import { generatedBytes } from './generated-bytes.js';
import { parseProgramOptions } from './program-options.js';
import { spawnHubDouble } from './spawn-hub-double.js';
import { fetchOnce, id, sha256 } from './testing.js';

describe('the program', () => {
  it('serves in a process of its own, until it is closed', async () => {
    const hub = await spawnHubDouble({
      repositories: [{ id, commits: [{ files: { 'model.safetensors': { bytes: 5_000_000, seed: 2 } } }] }],
    });
    const answer = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/model.safetensors`);
    const file = await fetchOnce(answer.headers.location ?? '');
    expect(answer.headers.location?.startsWith(hub.cdn)).toBe(true);
    expect(sha256(file.body)).toBe(sha256(generatedBytes(2, 0, 5_000_000)));
    await hub.close();
    await expect(fetchOnce(hub.endpoint)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says when it cannot start', async () => {
    const files = { 'model.safetensors': { file: '/no/such/file' } };
    await expect(spawnHubDouble({ repositories: [{ id, commits: [{ files }] }] })).rejects.toThrow(
      /ENOENT.*no\/such\/file/,
    );
  });

  it('refuses options that it does not know', () => {
    expect(() => parseProgramOptions('{"repositories":[],"speed":1}')).toThrow('speed');
    expect(() => parseProgramOptions('{"repositories":[{"id":""}]}')).toThrow();
  });
});
