import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Fault, FaultRule } from './fault.js';
import { generatedBytes } from './generated-bytes.js';
import { fetchOnce, hubWith, id, type SeenAnswer, signedUrl } from './testing.js';

const bytes = 3_000_000;
const contents = generatedBytes(1, 0, bytes);
const model = { 'model.safetensors': { bytes, seed: 1 }, 'config.json': '{}' };

/** One answer of the CDN host with a fault, and the next one without. */
async function cdnAnswers(fault: Fault, headers: Record<string, string> = {}) {
  const hub = await hubWith(model);
  const url = await signedUrl(hub, 'model.safetensors');
  hub.setFaults([{ on: 'cdn', fault }]);
  const struck = await fetchOnce(url, { headers });
  const next = await fetchOnce(url, { headers });
  expect(hub.requests.slice(1).map((entry) => entry.fault)).toEqual([fault, undefined]);
  return { hub, struck, next };
}

function expectWhole(answer: SeenAnswer) {
  expect(answer).toMatchObject({ status: 200, isComplete: true });
  expect(answer.body.equals(contents)).toBe(true);
}

describe('a fault', () => {
  it('disconnects before any header', async () => {
    const hub = await hubWith(model, { faults: [{ fault: { kind: 'disconnect' } }] });
    const url = `${hub.endpoint}/${id}/resolve/main/config.json`;
    await expect(fetchOnce(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(hub.requests).toMatchObject([{ status: 0, bodyBytes: 0 }]);
    expect((await fetchOnce(url)).status).toBe(200);
  });

  it.each([0, 1, 70_000, 2_999_999])('drops after %i bytes', async (afterBytes) => {
    const { hub, struck, next } = await cdnAnswers({ kind: 'drop', afterBytes });
    expect(struck).toMatchObject({ status: 200, isComplete: false });
    expect(struck.headers['content-length']).toBe(String(bytes));
    expect(struck.body.equals(contents.subarray(0, afterBytes))).toBe(true);
    expect(hub.requests[1]?.bodyBytes).toBe(afterBytes);
    expectWhole(next);
  });

  it.each([0, 100_000])('stalls after %i bytes until the double is closed', async (afterBytes) => {
    const hub = await hubWith(model);
    const url = await signedUrl(hub, 'model.safetensors');
    hub.setFaults([{ on: 'cdn', fault: { kind: 'stall', afterBytes } }]);
    let received = 0;
    let isOver = false;
    const stalled = new Promise<void>((resolve) => {
      httpRequest(url, { agent: false }, (answer: IncomingMessage) => {
        answer.on('data', (part: Buffer) => {
          received += part.length;
        });
        answer.once('error', () => {
          isOver = true;
          resolve();
        });
      }).end();
    });
    while (hub.requests[1]?.status !== 200 || received < afterBytes) await sleep(5);
    await sleep(100);
    expect({ received, isOver }).toEqual({ received: afterBytes, isOver: false });
    await hub.close();
    await stalled;
    expect(received).toBe(afterBytes);
  });

  it('delays the headers', async () => {
    const hub = await hubWith(model, { faults: [{ fault: { kind: 'delay', milliseconds: 150 } }] });
    const started = performance.now();
    const answer = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/config.json`);
    expect(performance.now() - started).toBeGreaterThan(145);
    expect(answer.body.toString()).toBe('{}');
  });

  it('answers with another status, headers and body', async () => {
    const fault = {
      kind: 'status',
      status: 429,
      headers: { 'Retry-After': '7' },
      body: 'slow down',
    } as const;
    const { struck, next } = await cdnAnswers(fault);
    expect(struck).toMatchObject({ status: 429, isComplete: true, body: Buffer.from('slow down') });
    expect(struck.headers['retry-after']).toBe('7');
    expectWhole(next);
  });

  it.each(['chunked', 'content-length'] as const)('truncates the body in %s framing', async (framing) => {
    const { struck, next } = await cdnAnswers({ kind: 'truncate', bytes: 1000, framing });
    expect(struck).toMatchObject({ status: 200, isComplete: true });
    expect(struck.headers['content-length']).toBe(framing === 'chunked' ? undefined : String(bytes - 1000));
    expect(struck.body.equals(contents.subarray(0, bytes - 1000))).toBe(true);
    expectWhole(next);
  });

  it('alters one byte of the file, also within a range', async () => {
    const place = 1_500_000;
    const altered = Buffer.from(contents);
    altered[place] = contents.readUInt8(place) ^ 4;
    const { struck, next } = await cdnAnswers(
      { kind: 'alter', offset: place, mask: 4 },
      { Range: 'bytes=1000000-1999999' },
    );
    expect(struck.body.equals(altered.subarray(1_000_000, 2_000_000))).toBe(true);
    expect(next.body.equals(contents.subarray(1_000_000, 2_000_000))).toBe(true);
  });

  it('leaves headers out', async () => {
    const hub = await hubWith(model, {
      faults: [{ fault: { kind: 'withoutHeaders', names: ['X-Repo-Commit', 'etag', 'Content-Length'] } }],
    });
    const url = `${hub.endpoint}/${id}/resolve/main/config.json`;
    const { headers } = await fetchOnce(url, { method: 'HEAD' });
    for (const name of ['x-repo-commit', 'etag', 'content-length', 'transfer-encoding'])
      expect(headers[name]).toBeUndefined();
    const whole = await fetchOnce(url, { method: 'HEAD' });
    for (const name of ['x-repo-commit', 'etag', 'content-length']) expect(whole.headers[name]).toBeDefined();
  });

  it('sends no length', async () => {
    const { struck } = await cdnAnswers({ kind: 'chunked' });
    expect(struck.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(struck.headers['content-length']).toBeUndefined();
    expectWhole(struck);
  });

  it('compresses, whatever the client accepts, and forgets the range', async () => {
    const { struck } = await cdnAnswers(
      { kind: 'gzip' },
      { Range: 'bytes=5-', 'Accept-Encoding': 'identity' },
    );
    expect(struck.status).toBe(200);
    expect(struck.headers).toMatchObject({
      'content-encoding': 'gzip',
      etag: expect.stringMatching(/^W\/"/),
    });
    expect(struck.headers['content-length']).toBeUndefined();
    expect(gunzipSync(struck.body).equals(contents)).toBe(true);
  });

  it('ignores the range', async () => {
    const { struck, next } = await cdnAnswers({ kind: 'ignoreRange' }, { Range: 'bytes=5-9' });
    expectWhole(struck);
    expect(struck.headers['content-range']).toBeUndefined();
    expect(next.status).toBe(206);
  });

  it('refuses the range', async () => {
    const { struck, next } = await cdnAnswers({ kind: 'refuseRange' }, { Range: 'bytes=5-9' });
    expect(struck.status).toBe(416);
    expect(struck.headers['content-range']).toBe(`bytes */${bytes}`);
    expect(next.status).toBe(206);
  });

  it('redirects', async () => {
    const { struck } = await cdnAnswers({ kind: 'redirect', status: 307, location: 'ftp://else.example/' });
    expect(struck).toMatchObject({ status: 307, headers: { location: 'ftp://else.example/' } });
  });

  it('answers as for an expired address', async () => {
    const { struck, next } = await cdnAnswers({ kind: 'expiredUrl' });
    expect(struck.status).toBe(403);
    expectWhole(next);
  });

  it('sends slowly', async () => {
    const started = performance.now();
    const { struck } = await cdnAnswers({ kind: 'slow', bytesPerSecond: 10_000_000 });
    expect(performance.now() - started).toBeGreaterThan(280);
    expectWhole(struck);
  });
});

describe('fault rules', () => {
  const url = (endpoint: string, name = 'config.json') => `${endpoint}/${id}/resolve/main/${name}`;
  const statusRule = (status: number, rule: Partial<FaultRule> = {}): FaultRule => ({
    ...rule,
    fault: { kind: 'status', status },
  });

  it('skip and strike as often as they say, the first one that is not spent first', async () => {
    const hub = await hubWith(model, {
      faults: [statusRule(500, { skip: 1, times: 2 }), statusRule(503, { skip: 1 })],
    });
    const seen: number[] = [];
    for (let count = 0; count < 6; count++) seen.push((await fetchOnce(url(hub.endpoint))).status);
    expect(seen).toEqual([200, 500, 500, 503, 200, 200]);
  });

  it('strike for ever where they say so, until they are replaced', async () => {
    const hub = await hubWith(model, { faults: [statusRule(500, { times: Number.POSITIVE_INFINITY })] });
    for (let count = 0; count < 5; count++) expect((await fetchOnce(url(hub.endpoint))).status).toBe(500);
    hub.setFaults([]);
    expect((await fetchOnce(url(hub.endpoint))).status).toBe(200);
  });

  it('strike the host, the method and the path that they name', async () => {
    const hub = await hubWith(model, {
      faults: [
        statusRule(501, { on: 'cdn' }),
        statusRule(502, { method: 'HEAD' }),
        statusRule(503, { path: 'config' }),
      ],
    });
    const head = await fetchOnce(url(hub.endpoint, 'model.safetensors'), { method: 'HEAD' });
    expect(head.status).toBe(502);
    const signed = await signedUrl(hub, 'model.safetensors');
    expect((await fetchOnce(url(hub.endpoint))).status).toBe(503);
    expect((await fetchOnce(signed)).status).toBe(501);
  });

  it('are not spent on answers that cannot show their fault', async () => {
    const hub = await hubWith(model, {
      faults: [
        { fault: { kind: 'drop', afterBytes: 1000 } },
        { fault: { kind: 'alter', offset: 2_000_000 } },
        { fault: { kind: 'ignoreRange' } },
        { fault: { kind: 'expiredUrl' }, skip: 1 },
      ],
    });
    await fetchOnce(url(hub.endpoint));
    const signed = await signedUrl(hub, 'model.safetensors');
    await fetchOnce(signed, { method: 'HEAD' });
    expect(hub.requests.map((entry) => entry.fault)).toEqual([undefined, undefined, undefined]);
    const part = await fetchOnce(signed, { headers: { Range: 'bytes=0-1000' } });
    expect(part).toMatchObject({ status: 206, isComplete: false });
    expect(part.body.length).toBe(1000);
  });
});
