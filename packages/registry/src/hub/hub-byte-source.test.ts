import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { HubDoubleOptions } from '@webssl-tooling/hub-double';
import { generatedBytes } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { failureOf, refusalOf } from '../testing/refusal.js';
import type { ByteStream } from '../transfer/byte-source.js';
import { TransferProblem } from '../transfer/transfer-problem.js';
import { clientFor, contentOf, hubWith, id, serverOf, untilAborted } from './testing/test-hub.js';

const commit = 'main';
const bytes = 2_000_000;
const weights = Buffer.from(generatedBytes(3, 0, bytes));
const files = { 'config.json': '{"a":1}', 'model.safetensors': { bytes, seed: 3 } } as const;
const path = 'model.safetensors';

async function hubSource(
  options: Partial<HubDoubleOptions> = {},
  file: string = path,
  downloadTimeoutMilliseconds = 10_000,
) {
  const hub = await hubWith(files, options);
  const source = clientFor(hub.endpoint, { token: 'hf_secret', downloadTimeoutMilliseconds }).source(
    { id, commit },
    { path: file },
  );
  const open = (start?: number, end?: number, signal = untilAborted()): Promise<ByteStream> =>
    source.open(start === undefined ? undefined : { start, end }, signal);
  return { hub, open };
}

/** A source of a server that answers as told. */
async function sourceOf(listener: Parameters<typeof serverOf>[0]) {
  const endpoint = await serverOf(listener);
  return clientFor(endpoint).source({ id, commit }, { path });
}

async function problemOf(operation: Promise<unknown>): Promise<TransferProblem> {
  const error = await failureOf(operation);
  expect(error).toBeInstanceOf(TransferProblem);
  return error as TransferProblem;
}

describe('the bytes of a file', () => {
  it('come whole', async () => {
    const { open } = await hubSource();
    const stream = await open();
    expect(stream).toMatchObject({ start: 0, isPartial: false, totalBytes: bytes });
    expect((await contentOf(stream)).equals(weights)).toBe(true);
  });

  it('come in ranges', async () => {
    const { open } = await hubSource();
    const middle = await open(1000, 5000);
    expect(middle).toMatchObject({ start: 1000, isPartial: true, totalBytes: bytes });
    expect((await contentOf(middle)).equals(weights.subarray(1000, 5000))).toBe(true);
    const rest = await open(1_999_990);
    expect((await contentOf(rest)).equals(weights.subarray(1_999_990))).toBe(true);
  });

  it('of a small file come from the hub itself', async () => {
    const { hub, open } = await hubSource({}, 'config.json');
    expect((await contentOf(await open())).toString()).toBe('{"a":1}');
    expect((await contentOf(await open(2, 4))).toString()).toBe('a"');
    expect(hub.requests.map(({ host }) => host)).toEqual(['hub', 'hub']);
  });

  it('are asked of the storage directly once it is known, and the storage never sees the token', async () => {
    const { hub, open } = await hubSource();
    for (const start of [0, 10, 20]) await contentOf(await open(start, start + 10));
    expect(hub.requests.map(({ host }) => host)).toEqual(['hub', 'cdn', 'cdn', 'cdn']);
    expect(hub.requests[0]?.authorization).toBe('Bearer hf_secret');
    for (const { host, headers, authorization } of hub.requests) {
      expect(headers['accept-encoding']).toBe('identity');
      expect(headers['user-agent']).toMatch(/^webssl\/\d+\.\d+\.\d+/);
      if (host === 'cdn')
        expect([authorization, JSON.stringify(headers).includes('hf_secret')]).toEqual([undefined, false]);
    }
  });

  it('are found anew, within the same request, when the signed address has expired', async () => {
    const { hub, open } = await hubSource();
    await contentOf(await open(0, 10));
    hub.expireSignedUrls();
    const again = await contentOf(await open(10, 20));
    expect(again.equals(weights.subarray(10, 20))).toBe(true);
    expect(hub.requests.map(({ host, status }) => [host, status])).toEqual([
      ['hub', 302],
      ['cdn', 206],
      ['cdn', 403],
      ['hub', 302],
      ['cdn', 206],
    ]);
  });

  it('are a problem, not a refusal, when the storage refuses a fresh address', async () => {
    const { open } = await hubSource({
      faults: [{ on: 'cdn', fault: { kind: 'expiredUrl' }, times: Infinity }],
    });
    expect(await problemOf(open(0, 10))).toMatchObject({ status: 403 });
  });

  it('come whole from a server that does not know ranges', async () => {
    const { open } = await hubSource({ mirror: { ignoreRanges: true } });
    const stream = await open(1000, 5000);
    expect(stream).toMatchObject({ start: 0, isPartial: false, totalBytes: bytes });
    expect((await contentOf(stream)).equals(weights)).toBe(true);
  });

  it('come without a length from a server that tells none', async () => {
    const { open } = await hubSource({ mirror: { withoutLength: true } });
    const stream = await open();
    expect(stream.totalBytes).toBeUndefined();
    expect((await contentOf(stream)).equals(weights)).toBe(true);
    expect((await open(5, 10)).totalBytes).toBe(bytes);
  });

  it('are decompressed where a mirror compresses, and their length is not believed', async () => {
    const { open } = await hubSource({ mirror: { gzip: true } }, 'config.json');
    const stream = await open();
    expect(stream.totalBytes).toBeUndefined();
    expect((await contentOf(stream)).toString()).toBe('{"a":1}');
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
    ] as const) {
      const packed = compress(weights);
      const source = await sourceOf((_, response) =>
        response
          .writeHead(200, { 'Content-Encoding': encoding, 'Content-Length': packed.length })
          .end(packed),
      );
      const unpacked = await source.open({ start: 5, end: 10 }, untilAborted());
      expect(unpacked).toMatchObject({ start: 0, isPartial: false, totalBytes: undefined });
      expect((await contentOf(unpacked)).equals(weights)).toBe(true);
    }
  });

  it('are asked for whole where a range comes compressed', async () => {
    const packed = gzipSync(weights);
    const ranges: (string | undefined)[] = [];
    const source = await sourceOf(({ headers }, response) => {
      ranges.push(headers.range);
      response.setHeader('Content-Encoding', 'gzip');
      if (headers.range === undefined) response.end(packed);
      else
        response
          .writeHead(206, { 'Content-Range': `bytes 5-9/${packed.length}` })
          .end(packed.subarray(5, 10));
    });
    const stream = await source.open({ start: 5, end: 10 }, untilAborted());
    expect(stream).toMatchObject({ start: 0, isPartial: false });
    expect((await contentOf(stream)).equals(weights)).toBe(true);
    expect(ranges).toEqual(['bytes=5-9', undefined]);
  });
});

describe('a transfer that goes wrong', () => {
  it.each([
    ['drops', { kind: 'drop', afterBytes: 100_000 }, 'the connection was closed', 100_000],
    ['stalls', { kind: 'stall', afterBytes: 100_000 }, 'nothing came for 0.5 s', 100_000],
    ['ends before its length', { kind: 'drop', afterBytes: 0 }, 'the connection was closed', 0],
  ] as const)('and %s brings what came, then a problem', async (_, fault, message, most) => {
    const timeout = fault.kind === 'stall' ? 500 : undefined;
    const { open } = await hubSource({ faults: [{ on: 'cdn', fault }] }, path, timeout);
    const stream = await open();
    let received = 0;
    const problem = await problemOf(
      (async () => {
        for await (const chunk of stream.body) {
          expect(weights.subarray(received, received + chunk.length).equals(chunk)).toBe(true);
          received += chunk.length;
        }
      })(),
    );
    expect(problem.message).toContain(message);
    expect(received).toBeLessThanOrEqual(most);
  });

  it.each([
    ['is closed', { kind: 'disconnect' }, 'the connection was closed', undefined],
    ['is busy', { kind: 'status', status: 503, headers: { 'Retry-After': '7' } }, 'answered 503', 503],
    ['has had too many requests', { kind: 'status', status: 429 }, 'answered 429', 429],
    ['refuses the range', { kind: 'refuseRange' }, 'answered 416', 416],
    ['answers late', { kind: 'delay', milliseconds: 5000 }, 'no answer within 0.5 s', undefined],
  ] as const)('because a server %s is a problem', async (_, fault, message, status) => {
    const timeout = fault.kind === 'delay' ? 500 : undefined;
    const { open } = await hubSource({ faults: [{ on: 'cdn', fault }] }, path, timeout);
    const problem = await problemOf(open(0, 10));
    expect(problem.message).toContain(message);
    expect(problem.status).toBe(status);
    if (status === 503) expect(problem.retryAfterMilliseconds).toBe(7000);
  });

  it.each([
    ['another place', { 'Content-Range': 'bytes 0-9/100' }],
    ['no place', {}],
    ['several places', { 'Content-Type': 'multipart/byteranges; boundary=x' }],
    ['nonsense', { 'Content-Range': 'bytes 5-4/1' }],
  ])('because a part has %s is a problem', async (_, headers) => {
    const source = await sourceOf((_request, response) => response.writeHead(206, headers).end('0123456789'));
    expect((await problemOf(source.open({ start: 5, end: 15 }, untilAborted()))).message).toContain(
      'asked for bytes from 5 on',
    );
  });

  it('because compressed content breaks off is a problem', async () => {
    const packed = gzipSync(weights);
    const source = await sourceOf((_, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed.subarray(0, packed.length - 100)),
    );
    await problemOf(contentOf(await source.open(undefined, untilAborted())));
  });

  it('because there is no such file is a refusal', async () => {
    const { open } = await hubSource({}, 'none.json');
    const error = await refusalOf(open());
    expect(error.code).toBe('HUB_FILE_NOT_FOUND');
    expect(error.message).toContain(`${id} has no file none.json`);
  });

  it('because the repository is gated is a refusal that says what to do', async () => {
    const repositories = [{ id, gated: 'auto', readers: ['hf_other'], commits: [{ files }] }] as const;
    const { hub, open } = await hubSource({ repositories, tokens: ['hf_secret', 'hf_other'] });
    const error = await refusalOf(open());
    expect(error.code).toBe('HUB_ACCESS_DENIED');
    expect(error.message).toContain(`Accept its terms at ${hub.endpoint}/${id}`);
  });
});

describe('a reader', () => {
  it('who aborts gets the own reason, before and during the body', async () => {
    const { open } = await hubSource({ bytesPerSecond: 1_000_000 });
    const reason = new Error('enough');
    expect(await failureOf(open(0, 10, AbortSignal.abort(reason)))).toBe(reason);
    const controller = new AbortController();
    const stream = await open(0, undefined, controller.signal);
    const read = async (): Promise<void> => {
      for await (const _ of stream.body) controller.abort(reason);
    };
    expect(await failureOf(read())).toBe(reason);
  });

  it('who leaves early ends the connection', async () => {
    let closed: Promise<void> | undefined;
    const source = await sourceOf((_, response) => {
      closed = new Promise((resolve) => response.once('close', resolve));
      response.writeHead(200, { 'Content-Length': bytes }).write(weights.subarray(0, 1000));
    });
    for await (const _ of (await source.open(undefined, untilAborted())).body) break;
    await closed;
  });

  it('may leave before the first byte', async () => {
    let closed: Promise<void> | undefined;
    const source = await sourceOf((_, response) => {
      closed = new Promise((resolve) => response.once('close', resolve));
      response.writeHead(200, { 'Content-Length': bytes }).write(weights.subarray(0, 1000));
    });
    const stream = await source.open(undefined, untilAborted());
    await stream.body[Symbol.asyncIterator]().return?.();
    await closed;
  });
});
