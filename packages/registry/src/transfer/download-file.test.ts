import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { useDownloadCases } from './testing/download-case.js';
import { bytesFrom, hastyRetries, sha256Of } from './testing/file-of.js';
import { type ScriptedAnswer, ScriptedSource } from './testing/scripted-source.js';
import { TransferProblem } from './transfer-problem.js';

const content = bytesFrom(1, 1_000_000);
const freshCase = useDownloadCases(content);
const refusedWith = (status: number): ScriptedAnswer => ({
  refusal: new TransferProblem(`status ${status}`, { status }),
});
const always = (answer: ScriptedAnswer) => () => answer;

describe('downloadFile', () => {
  it('brings a file over several connections, each byte once', async () => {
    const download = await freshCase();
    const source = await download.run();
    expect(await download.isDone()).toBe(true);
    expect(download.countedBytes).toBe(content.length);
    expect(source.sentBytes).toBe(content.length);
    expect(source.requests).toHaveLength(10);
    expect(source.mostOpenBodies).toBe(4);
    expect(source.openBodies).toBe(0);
  });

  it('opens a second connection only when the first was answered with a range', async () => {
    const download = await freshCase();
    const source = new ScriptedSource(content);
    const open = source.open.bind(source);
    let requestsBefore = 0;
    source.open = async (range, signal) => {
      const stream = await open(range, signal);
      if (requestsBefore === 0) requestsBefore = source.requests.length;
      return stream;
    };
    await download.runFrom(source);
    expect(requestsBefore).toBe(1);
  });

  it('asks for everything at once where it may use one connection only', async () => {
    const download = await freshCase();
    const source = await download.run([], { connections: 1 });
    expect(source.requests.map(({ range }) => range)).toEqual([{ start: 0, end: content.length }]);
  });

  it.each([0, 1, 5])('brings a file of %s bytes', async (length) => {
    const download = await freshCase({}, bytesFrom(2, length));
    await download.run();
    expect(await download.isDone()).toBe(true);
  });

  it('checks the id that Git gives a file', async () => {
    const hello = new TextEncoder().encode('hello\n');
    const hash = { algorithm: 'git-sha1', digest: 'ce013625030ba8dba906f756967f9e9ca394464a' } as const;
    for (const bytes of [hello.length, undefined]) {
      const download = await freshCase({ hash, bytes }, hello);
      await download.run();
      expect(await download.isDone()).toBe(true);
    }
  });
});

describe('a file of unknown length', () => {
  it.each([
    ['the server tells it', {}],
    ['nobody tells it', { totalBytes: null }],
    ['nobody tells it and ranges are not served', { totalBytes: null, isWhole: true }],
  ])('is brought where %s', async (_, answer: ScriptedAnswer) => {
    const download = await freshCase({ bytes: undefined });
    const source = await download.run(always(answer));
    expect(source.requests.map(({ range }) => range)).toEqual([{ start: 0, end: undefined }]);
    expect(await download.isDone()).toBe(true);
    expect(download.countedBytes).toBe(content.length);
  });

  it('goes on after a drop', async () => {
    const download = await freshCase({ bytes: undefined });
    const source = await download.run([{ totalBytes: null, dropAfter: 300_000 }, { totalBytes: null }]);
    expect(source.sentBytes).toBe(content.length);
    expect(await download.isDone()).toBe(true);
  });

  it('is whole where an earlier try had all of it', async () => {
    const download = await freshCase({ bytes: undefined });
    const stop = new AbortController();
    const source = new ScriptedSource(content, [{ totalBytes: null, stallAfter: 1_000_000 }]);
    const stopped = download.runFrom(source, { signal: stop.signal });
    while (source.sentBytes < content.length) await setTimeout(1);
    stop.abort();
    await expect(stopped).rejects.toBe(stop.signal.reason);
    const again = await download.run((_, range) => (range === undefined ? {} : refusedWith(416)));
    expect(again.requests).toHaveLength(2);
    expect(await download.isDone()).toBe(true);
  });

  it('loses what an earlier try had too much', async () => {
    const short = bytesFrom(1, 500_000);
    const hash = sha256Of(short);
    const before = await freshCase({ bytes: undefined, hash });
    await expect(
      before.run([{ totalBytes: null, dropAfter: 700_000 }], { retry: { ...hastyRetries, attempts: 1 } }),
    ).rejects.toThrow();
    const source = new ScriptedSource(short, always({ isWhole: true }));
    await before.runFrom(source);
    expect(Buffer.compare(await readFile(before.destination), short)).toBe(0);
    expect(before.countedBytes).toBe(500_000);
  });
});

describe('bytes that are not those asked for', () => {
  it('are put aside, told and fetched once more', async () => {
    const download = await freshCase();
    const source = await download.run([{ alteredAt: 1234 }]);
    expect(source.sentBytes).toBe(2 * content.length);
    expect(download.rejections).toMatchObject([{ expected: sha256Of(content).digest }]);
    expect(download.countedBytes).toBe(content.length);
    expect(await download.isDone()).toBe(true);
  });

  it('end the download the second time', async () => {
    const download = await freshCase();
    const altered = content.slice();
    altered[1234] = (altered[1234] ?? 0) ^ 1;
    const actual = sha256Of(altered).digest;
    const rejectedFile = `${download.destination}.webssl.rejected`;
    await expect(download.run(always({ alteredAt: 1234 }))).rejects.toMatchObject({
      code: 'HUB_CHECKSUM_MISMATCH',
      message: expect.stringMatching(`${actual} and must be ${sha256Of(content).digest}.*${rejectedFile}`),
      details: { expected: sha256Of(content).digest, actual, rejectedFile },
    });
    expect(download.rejections).toHaveLength(2);
    expect(download.countedBytes).toBe(0);
    expect(await readdir(dirname(download.destination))).toEqual(['blob.webssl.rejected']);
    expect(Buffer.compare(await readFile(rejectedFile), altered)).toBe(0);
    await download.run();
    expect(await download.isDone()).toBe(true);
  });

  it('are found among those of an earlier try', async () => {
    const download = await freshCase();
    await expect(
      download.run([{ dropAfter: 50_000 }], { connections: 1, retry: { ...hastyRetries, attempts: 1 } }),
    ).rejects.toThrow();
    await writeFile(`${download.destination}.webssl.incomplete`, bytesFrom(9, 50_000));
    await download.run();
    expect(download.rejections).toHaveLength(1);
    expect(await download.isDone()).toBe(true);
  });
});

describe('the signal', () => {
  it('does nothing at all when it is aborted before', async () => {
    const download = await freshCase();
    const source = new ScriptedSource(content);
    await expect(download.runFrom(source, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(source.requests).toEqual([]);
    expect(await readdir(dirname(download.destination))).toEqual([]);
  });

  it('stops all connections, and what has come stays', async () => {
    const download = await freshCase();
    const stop = new AbortController();
    const source = new ScriptedSource(content, always({ stallAfter: 30_000 }));
    const reason = new Error('enough');
    const running = download.runFrom(source, { signal: stop.signal });
    while (source.sentBytes < 120_000) await setTimeout(1);
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(source.openBodies).toBe(0);
    expect(await download.presentBytes()).toBe(120_000);
    const again = await download.run();
    expect(again.sentBytes).toBe(880_000);
    expect(await download.isDone()).toBe(true);
  });

  it('ends a wait before another try', async () => {
    const download = await freshCase();
    const stop = new AbortController();
    const refusal = new TransferProblem('busy', { retryAfterMilliseconds: 900 });
    const running = download.run(always({ refusal }), {
      signal: stop.signal,
      onRetry: () => stop.abort('enough'),
    });
    await expect(running).rejects.toBe('enough');
  });

  it('is not needed where a callback throws: the download ends with its error', async () => {
    const download = await freshCase();
    const failure = new Error('of the caller');
    const onBytes = () => {
      throw failure;
    };
    await expect(download.run([], { onBytes })).rejects.toBe(failure);
  });
});

it('says where it cannot write', async () => {
  const download = await freshCase();
  await rm(dirname(download.destination), { recursive: true });
  await expect(download.run()).rejects.toMatchObject({ code: 'CACHE_UNWRITABLE' });
});
