import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { generatedBytes } from './generated-bytes.js';
import { fetchOnce, hubWith, sha256, signedUrl } from './testing.js';

const bytes = 3_000_000;
const model = { 'model.safetensors': { bytes, seed: 1 } };

describe('the CDN host', () => {
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=1000-', 1000, bytes],
    ['bytes=2999999-9999999', 2_999_999, bytes],
    ['bytes=-5', bytes - 5, bytes],
    ['bytes=-9999999', 0, bytes],
  ])('answers %s with 206', async (range, start, end) => {
    const hub = await hubWith(model);
    const url = await signedUrl(hub, 'model.safetensors');
    const answer = await fetchOnce(url, { headers: { Range: range } });
    expect(answer.status).toBe(206);
    expect(answer.headers).toMatchObject({
      'content-range': `bytes ${start}-${end - 1}/${bytes}`,
      'content-length': String(end - start),
    });
    expect(answer.body.equals(generatedBytes(1, start, end))).toBe(true);
    const head = await fetchOnce(url, { method: 'HEAD', headers: { Range: range } });
    expect(head.headers['content-range']).toBe(answer.headers['content-range']);
  });

  it.each([`bytes=${bytes}-`, 'bytes=9999999-', 'bytes=-0'])('answers %s with 416', async (range) => {
    const hub = await hubWith(model);
    const answer = await fetchOnce(await signedUrl(hub, 'model.safetensors'), { headers: { Range: range } });
    expect(answer.status).toBe(416);
    expect(answer.headers['content-range']).toBe(`bytes */${bytes}`);
  });

  it.each(['bytes=5-3', 'bytes=0-1,4-5', 'bytes=-', 'pages=1-2'])(
    'answers %s with the whole file',
    async (range) => {
      const hub = await hubWith(model);
      const url = await signedUrl(hub, 'model.safetensors');
      const answer = await fetchOnce(url, { method: 'HEAD', headers: { Range: range } });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-length']).toBe(String(bytes));
    },
  );

  it('answers a range with the whole file where If-Range is another etag', async () => {
    const hub = await hubWith(model);
    const url = await signedUrl(hub, 'model.safetensors');
    const etag = String((await fetchOnce(url, { method: 'HEAD' })).headers.etag);
    const status = async (condition: string) =>
      (await fetchOnce(url, { method: 'HEAD', headers: { Range: 'bytes=1-2', 'If-Range': condition } }))
        .status;
    expect(await status(etag)).toBe(206);
    expect(await status('"other"')).toBe(200);
    expect(etag).not.toContain(sha256(generatedBytes(1, 0, bytes)));
  });

  it('refuses a changed signature', async () => {
    const hub = await hubWith(model);
    const url = await signedUrl(hub, 'model.safetensors');
    expect((await fetchOnce(url.replace('Signature=', 'Signature=A'))).status).toBe(403);
    expect((await fetchOnce(url.replace(/Expires=\d+/, 'Expires=9999999999'))).status).toBe(403);
    expect((await fetchOnce(`${hub.cdn}/repos/aa/bb/none`)).status).toBe(403);
    expect((await fetchOnce(url, { method: 'POST' })).status).toBe(405);
  });

  it('refuses addresses after their time, and when told that they have expired', async () => {
    const hub = await hubWith(model, { signedUrlSeconds: 0.4 });
    const url = await signedUrl(hub, 'model.safetensors');
    await sleep(500);
    const expired = await fetchOnce(url);
    expect(expired.status).toBe(403);
    expect(expired.headers['content-type']).toBe('application/xml');

    const lasting = await hubWith(model);
    const first = await signedUrl(lasting, 'model.safetensors');
    lasting.expireSignedUrls();
    expect((await fetchOnce(first, { method: 'HEAD' })).status).toBe(403);
    const second = await signedUrl(lasting, 'model.safetensors');
    expect((await fetchOnce(second, { method: 'HEAD' })).status).toBe(200);
  });

  it('bears the host name that was chosen', async () => {
    const hub = await hubWith(model, { cdnHost: 'cdn.example' });
    expect(await signedUrl(hub, 'model.safetensors')).toMatch(/^http:\/\/cdn\.example:\d+\/repos\//);
  });

  it('records what came: range, authorization, path, status and body bytes', async () => {
    const hub = await hubWith(model);
    const url = await signedUrl(hub, 'model.safetensors');
    await fetchOnce(url, { headers: { Range: 'bytes=0-99', Authorization: 'Bearer hf_secret' } });
    expect(hub.requests).toMatchObject([
      { host: 'hub', method: 'HEAD', status: 302, bodyBytes: 0, authorization: undefined },
      {
        host: 'cdn',
        method: 'GET',
        status: 206,
        range: 'bytes=0-99',
        authorization: 'Bearer hf_secret',
        bodyBytes: 100,
        path: expect.stringContaining('model.safetensors'),
        fault: undefined,
      },
    ]);
    expect(hub.bytesSent()).toBe(100);
    expect(hub.bytesSent({ host: 'hub' })).toBe(0);
    expect(hub.bytesSent({ host: 'cdn', method: 'GET', path: 'model.safetensors' })).toBe(100);
    hub.reset();
    expect(hub.requests).toEqual([]);
  });
});
