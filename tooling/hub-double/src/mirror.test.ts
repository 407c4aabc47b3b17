import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { generatedBytes } from './generated-bytes.js';
import type { MirrorQuirks } from './options.js';
import { fetchOnce, hubWith, id, sha256, signedUrl } from './testing.js';

const bytes = 2_000_000;
const contents = generatedBytes(1, 0, bytes);

async function mirrorWith(mirror: MirrorQuirks) {
  const hub = await hubWith({ 'model.safetensors': { bytes, seed: 1 }, 'config.json': '{}' }, { mirror });
  return { hub, config: `${hub.endpoint}/${id}/resolve/main/config.json` };
}

describe('a mirror', () => {
  it('tells no length', async () => {
    const { hub, config } = await mirrorWith({ withoutLength: true });
    const head = await fetchOnce(config, { method: 'HEAD' });
    expect(head.headers['content-length']).toBeUndefined();
    const file = await fetchOnce(await signedUrl(hub, 'model.safetensors'));
    expect(file.headers['transfer-encoding']).toBe('chunked');
    expect(file.body.equals(contents)).toBe(true);
  });

  it('leaves headers out', async () => {
    const names = ['X-Repo-Commit', 'ETag', 'X-Linked-Etag', 'X-Linked-Size'];
    const { hub, config } = await mirrorWith({ withoutHeaders: names });
    const model = `${hub.endpoint}/${id}/resolve/main/model.safetensors`;
    for (const url of [config, model]) {
      const { headers } = await fetchOnce(url, { method: 'HEAD' });
      for (const name of names) expect(headers[name.toLowerCase()]).toBeUndefined();
    }
  });

  it('hands on to another hub, with or without the query', async () => {
    const { hub: other } = await mirrorWith({});
    for (const dropQuery of [false, true]) {
      const { hub, config } = await mirrorWith({ redirect: { endpoint: other.endpoint, dropQuery } });
      const answer = await fetchOnce(`${config}?download=true`);
      expect(answer.status).toBe(308);
      expect(answer.headers.location).toBe(
        `${other.endpoint}/${id}/resolve/main/config.json${dropQuery ? '' : '?download=true'}`,
      );
      expect((await fetchOnce(answer.headers.location ?? '')).body.toString()).toBe('{}');
      expect((await fetchOnce(`${hub.endpoint}/api/models/${id}`)).status).toBe(200);
    }
    const { hub } = await mirrorWith({ redirect: { endpoint: other.endpoint, status: 307, api: true } });
    expect((await fetchOnce(`${hub.endpoint}/api/models/${id}`)).status).toBe(307);
  });

  it('has no API', async () => {
    const { hub, config } = await mirrorWith({ withoutApi: true });
    expect((await fetchOnce(`${hub.endpoint}/api/models/${id}/revision/main`)).status).toBe(404);
    expect((await fetchOnce(config)).status).toBe(200);
  });

  it('serves large files itself', async () => {
    const { hub } = await mirrorWith({ withoutCdn: true });
    const answer = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/model.safetensors`, {
      headers: { Range: 'bytes=10-19' },
    });
    expect(answer).toMatchObject({ status: 206, body: contents.subarray(10, 20) });
    expect(answer.headers).toMatchObject({
      etag: `"${sha256(contents)}"`,
      'x-linked-etag': `"${sha256(contents)}"`,
      'x-linked-size': String(bytes),
    });
  });

  it('compresses small files, and not those of the CDN host', async () => {
    const { hub, config } = await mirrorWith({ gzip: true });
    const answer = await fetchOnce(config, { headers: { 'Accept-Encoding': 'identity' } });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(answer.body).toString()).toBe('{}');
    const head = await fetchOnce(config, { method: 'HEAD' });
    expect(head.headers['content-length']).toBeUndefined();
    const file = await fetchOnce(await signedUrl(hub, 'model.safetensors'), { method: 'HEAD' });
    expect(file.headers['content-encoding']).toBeUndefined();
  });

  it('ignores or refuses every range', async () => {
    for (const [mirror, status] of [
      [{ ignoreRanges: true }, 200],
      [{ refuseRanges: true }, 416],
    ] as const) {
      const { hub, config } = await mirrorWith(mirror);
      const headers = { Range: 'bytes=1-1' };
      expect((await fetchOnce(config, { headers })).status).toBe(status);
      expect((await fetchOnce(await signedUrl(hub, 'model.safetensors'), { headers })).status).toBe(status);
      expect((await fetchOnce(config)).status).toBe(200);
    }
  });
});

describe('a throttle', () => {
  it('limits every answer', async () => {
    const hub = await hubWith({ 'model.safetensors': { bytes, seed: 1 } }, { bytesPerSecond: 8_000_000 });
    const url = await signedUrl(hub, 'model.safetensors');
    const started = performance.now();
    const answers = await Promise.all([fetchOnce(url), fetchOnce(url)]);
    expect(performance.now() - started).toBeGreaterThan(230);
    for (const { body } of answers) expect(body.equals(contents)).toBe(true);
  });
});
