import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { generatedBytes } from './generated-bytes.js';
import { fetchOnce, hubWith, id, openHub, sha256, signedUrl } from './testing.js';

/** What `git hash-object` says of `{}`. */
const gitIdOfBraces = '9e26dfeeb6e641a33dae4961196235bdb965b21b';

describe('resolve', () => {
  it('serves a small file itself, with its Git id, its commit and its length', async () => {
    const hub = await hubWith({ 'config.json': '{}' });
    const { commit } = await hub.describe(id, 'config.json');
    for (const method of ['HEAD', 'GET']) {
      const answer = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/config.json`, { method });
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        etag: `"${gitIdOfBraces}"`,
        'x-repo-commit': commit,
        'content-length': '2',
        'accept-ranges': 'bytes',
      });
      expect(answer.body.toString()).toBe(method === 'GET' ? '{}' : '');
    }
  });

  it('knows the Git id of an empty file', async () => {
    const hub = await hubWith({ '__init__.py': '' });
    expect(await hub.describe(id, '__init__.py')).toMatchObject({
      bytes: 0,
      etag: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
    });
  });

  it('serves ranges of a small file', async () => {
    const hub = await hubWith({ 'a.txt': '0123456789' });
    const answer = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/a.txt`, {
      headers: { Range: 'bytes=2-4' },
    });
    expect(answer).toMatchObject({ status: 206, body: Buffer.from('234') });
    expect(answer.headers['content-range']).toBe('bytes 2-4/10');
  });

  it('redirects a large file to the CDN host, with its SHA-256 and size', async () => {
    const hub = await hubWith({ 'model.safetensors': { bytes: 3_000_000, seed: 5 } });
    const expected = sha256(generatedBytes(5, 0, 3_000_000));
    const answer = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/model.safetensors`, {
      method: 'HEAD',
    });
    expect(answer.status).toBe(302);
    expect(answer.headers).toMatchObject({
      'x-linked-etag': `"${expected}"`,
      'x-linked-size': '3000000',
      'x-repo-commit': expect.stringMatching(/^[0-9a-f]{40}$/),
      'accept-ranges': 'bytes',
    });
    const file = await fetchOnce(answer.headers.location ?? '');
    expect(sha256(file.body)).toBe(expected);
    expect(new URL(answer.headers.location ?? '').origin).toBe(hub.cdn);
    expect(hub.cdn).not.toBe(hub.endpoint);
  });

  it('takes files for large by their name, by their size, or as told', async () => {
    const hub = await hubWith({
      'a.safetensors': '1',
      'big.bin': { bytes: 1024 * 1024 + 1 },
      'not-so-big.bin': { bytes: 1024 * 1024 },
      'b.safetensors': { contents: '1', lfs: false },
      'notes.txt': { contents: '1', lfs: true },
    });
    const isLarge = async (path: string) => (await hub.describe(id, path)).lfs;
    expect(await isLarge('a.safetensors')).toBe(true);
    expect(await isLarge('big.bin')).toBe(true);
    expect(await isLarge('not-so-big.bin')).toBe(false);
    expect(await isLarge('b.safetensors')).toBe(false);
    expect(await isLarge('notes.txt')).toBe(true);
  });

  it('serves a file of the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-double-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const bytes = generatedBytes(9, 0, 3_000_001);
    await writeFile(join(folder, 'weights'), bytes);
    const hub = await hubWith({ 'model.safetensors': { file: join(folder, 'weights') } });
    const url = await signedUrl(hub, 'model.safetensors');
    expect((await fetchOnce(url)).body.equals(bytes)).toBe(true);
    const part = await fetchOnce(url, { headers: { Range: 'bytes=1048570-2097160' } });
    expect(part.body.equals(bytes.subarray(1_048_570, 2_097_161))).toBe(true);
  });

  it('finds branches, tags with slashes and commits', async () => {
    const commits = [
      { commit: 'a'.repeat(40), references: ['v1', 'release/1.0'], files: { 'a.txt': 'one' } },
      { commit: 'b'.repeat(40), files: { 'a.txt': 'two' } },
    ];
    const hub = await openHub({ repositories: [{ id, commits }] });
    const read = async (revision: string) =>
      (
        await fetchOnce(`${hub.endpoint}/${id}/resolve/${encodeURIComponent(revision)}/a.txt`)
      ).body.toString();
    for (const revision of ['v1', 'release/1.0', 'a'.repeat(40)]) expect(await read(revision)).toBe('one');
    for (const revision of ['main', 'b'.repeat(40)]) expect(await read(revision)).toBe('two');
  });

  it('finds repositories without an owner, and paths with folders and odd letters', async () => {
    const files = { 'sub folder/é#?.txt': 'here' };
    const hub = await openHub({ repositories: [{ id: 'gpt2', commits: [{ files }] }] });
    const url = `${hub.endpoint}/gpt2/resolve/main/sub%20folder/%C3%A9%23%3F.txt?download=true`;
    expect((await fetchOnce(url)).body.toString()).toBe('here');
  });

  it('answers 307 to the new name of a renamed repository', async () => {
    const hub = await hubWith({ 'a.txt': 'x' }, { renamed: { 'old/name': id } });
    const answer = await fetchOnce(`${hub.endpoint}/old/name/resolve/main/a.txt?download=true`);
    expect(answer.status).toBe(307);
    expect(answer.headers.location).toBe(`/${id}/resolve/main/a.txt?download=true`);
    const api = await fetchOnce(`${hub.endpoint}/api/models/old/name/revision/main`);
    expect(api.headers.location).toBe(`/api/models/${id}/revision/main`);
  });

  it('can send small files to another path of the same host', async () => {
    const hub = await hubWith({ 'config.json': '{}' }, { smallFiles: 'resolve-cache' });
    const answer = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/config.json`, { method: 'HEAD' });
    expect(answer.status).toBe(307);
    expect(answer.headers).toMatchObject({ 'x-linked-etag': `"${gitIdOfBraces}"`, 'x-linked-size': '2' });
    const next = await fetchOnce(new URL(answer.headers.location ?? '', hub.endpoint).href);
    expect(next).toMatchObject({ status: 200, body: Buffer.from('{}') });
    expect(next.headers.etag).toBe(`"${gitIdOfBraces}"`);
  });

  it('can name Xet addresses', async () => {
    const hub = await hubWith({ 'model.safetensors': '1' }, { xet: true });
    const { headers } = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/model.safetensors`);
    expect(headers['x-xet-hash']).toMatch(/^[0-9a-f]{64}$/);
    expect(headers['x-xet-hash']).not.toBe(sha256(Buffer.from('1')));
    expect(headers['link']).toContain('rel="xet-auth"');
  });

  it('refuses options that contradict themselves', async () => {
    const twice = { id, commits: [{ files: {} }] };
    await expect(openHub({ repositories: [twice, twice] })).rejects.toThrow('given twice');
    const wrong = { id, commits: [{ commit: 'abc', files: {} }] };
    await expect(openHub({ repositories: [wrong] })).rejects.toThrow('40 lower-case hexadecimal');
    await expect(hubWith({ a: { file: '/no/such/file' } })).rejects.toThrow('ENOENT');
  });

  it('says that there is no such file when it is asked to describe one', async () => {
    const hub = await hubWith({});
    await expect(hub.describe(id, 'nothing')).rejects.toThrow('has no file nothing');
  });
});
