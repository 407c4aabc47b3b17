import { WebsslError } from '@webssl/backend';
import { describe, expect, it } from 'vitest';
import { useDownloadCases } from './testing/download-case.js';
import { bytesFrom, hastyRetries } from './testing/file-of.js';
import { type ScriptedAnswer, ScriptedSource } from './testing/scripted-source.js';
import { TransferProblem } from './transfer-problem.js';

const content = bytesFrom(1, 1_000_000);
const freshCase = useDownloadCases(content);
const refusedWith = (status: number): ScriptedAnswer => ({
  refusal: new TransferProblem(`status ${status}`, { status }),
});
const always = (answer: ScriptedAnswer) => () => answer;

describe('a bad line', () => {
  it('costs only the bytes that did not arrive', async () => {
    const download = await freshCase();
    const source = await download.run((index) => (index % 2 === 0 ? { dropAfter: 30_021 } : {}));
    expect(await download.isDone()).toBe(true);
    expect(source.sentBytes).toBe(content.length);
    expect(download.notices[0]).toMatchObject({
      failures: 1,
      attempts: 4,
      reason: 'the connection was lost',
    });
  });

  it('is borne for as long as every try brings something', async () => {
    const download = await freshCase();
    const source = await download.run(always({ dropAfter: 50_000 }), { connections: 1 });
    expect(source.requests).toHaveLength(20);
    expect(await download.isDone()).toBe(true);
  });

  it('keeps what has come when it is given up', async () => {
    const download = await freshCase();
    const script = (index: number) =>
      index === 0 ? { dropAfter: 250_000 } : { refusal: new TransferProblem('the name does not resolve') };
    await expect(download.run(script, { connections: 1 })).rejects.toMatchObject({
      code: 'HUB_UNREACHABLE',
      message: expect.stringMatching(
        /the name does not resolve\. Given up, because 4 tries in a row brought nothing\. 250000 of 1000000 bytes are there/,
      ),
      details: { presentBytes: 250_000, totalBytes: 1_000_000 },
    });
    expect(await download.presentBytes()).toBe(250_000);
    const source = await download.run();
    expect(source.sentBytes).toBe(750_000);
    expect(download.countedBytes).toBe(1_000_000);
    expect(await download.isDone()).toBe(true);
  });

  it('may cut answers short without an error', async () => {
    const download = await freshCase();
    const source = await download.run((index) => (index < 8 ? { endAfter: 40_000 } : {}));
    expect(source.sentBytes).toBe(content.length);
    expect(download.notices).toEqual([]);
    expect(await download.isDone()).toBe(true);
  });

  it('is given up when its answers are empty', async () => {
    const download = await freshCase();
    await expect(download.run(always({ endAfter: 0 }))).rejects.toMatchObject({
      code: 'HUB_UNREACHABLE',
      details: { reason: 'the answer ended 100000 bytes early' },
    });
  });

  it('may break under all connections at once', async () => {
    const download = await freshCase();
    const script = (index: number) =>
      index < 4 ? { dropAfter: 20_000 } : index < 7 ? { refusal: new TransferProblem('refused') } : {};
    const source = await download.run(script, { retry: { ...hastyRetries, attempts: 8 } });
    expect(await download.isDone()).toBe(true);
    expect(source.openBodies).toBe(0);
    expect(source.sentBytes).toBe(content.length);
  });
});

describe('a server that', () => {
  it('sends the whole file is read on one connection, what is there already passed over', async () => {
    const download = await freshCase();
    const script = [
      { dropAfter: 60_000 },
      ...Array<ScriptedAnswer>(3).fill({ isWhole: true, dropAfter: 400_000 }),
    ];
    await expect(
      download.run(script, { connections: 1, retry: { ...hastyRetries, attempts: 2 } }),
    ).rejects.toThrow();
    expect(await download.presentBytes()).toBe(400_000);
    const before = download.countedBytes;
    const source = await download.run(always({ isWhole: true }));
    expect(source.requests).toHaveLength(1);
    expect(download.countedBytes - before).toBe(600_000);
    expect(await download.isDone()).toBe(true);
  });

  it('sends ranges first and the whole file later ends with one connection', async () => {
    const download = await freshCase();
    const source = await download.run((index) => (index < 2 ? {} : { isWhole: true }));
    expect(await download.isDone()).toBe(true);
    expect(source.openBodies).toBe(0);
    expect(download.countedBytes).toBe(content.length);
  });

  it('answers 416 is asked for the whole file', async () => {
    const download = await freshCase();
    const source = await download.run((_, range) => (range === undefined ? {} : refusedWith(416)));
    expect(source.requests.map(({ range }) => range)).toEqual([{ start: 0, end: 100_000 }, undefined]);
    expect(download.notices).toEqual([]);
    expect(await download.isDone()).toBe(true);
  });

  it('answers 416 to everything is given up', async () => {
    const download = await freshCase();
    await expect(download.run(always(refusedWith(416)))).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  });

  it('answers 429 gets one connection from then on', async () => {
    const download = await freshCase();
    const source = new ScriptedSource(content, (index) => (index === 2 ? refusedWith(429) : {}));
    await download.runFrom(source);
    // The three that were under way, then what they leave: the refused piece and all the rest at once.
    expect(source.requests.length).toBeLessThanOrEqual(7);
    expect(source.requests.at(-1)?.range?.end).toBe(1_000_000);
    expect(await download.isDone()).toBe(true);
  });

  it('answers nothing but 429 is left alone after a while', async () => {
    const download = await freshCase();
    await expect(download.run(always(refusedWith(429)))).rejects.toMatchObject({
      code: 'HUB_RATE_LIMITED',
      message: expect.stringContaining('run it again later'),
    });
  });

  it('asks for too long a wait is not waited for', async () => {
    const download = await freshCase();
    const refusal = new TransferProblem('busy', { status: 503, retryAfterMilliseconds: 3_600_000 });
    await expect(download.run(always({ refusal }))).rejects.toMatchObject({
      code: 'HUB_UNREACHABLE',
      message: expect.stringContaining('the server asks to wait for 3600 s, longer than 1 s'),
    });
  });

  it('begins before the range that was asked for is understood', async () => {
    const download = await freshCase();
    await download.run((_, range) => ({ shift: range?.start === 0 ? 0 : -77 }));
    expect(await download.isDone()).toBe(true);
    expect(download.countedBytes).toBe(content.length);
  });

  it('begins after it is not believed', async () => {
    const download = await freshCase();
    const source = await download.run([{}, { shift: 5 }, { shift: 5 }]);
    expect(await download.isDone()).toBe(true);
    expect(source.openBodies).toBe(0);
    await expect(freshCase().then((other) => other.run(always({ shift: 5 })))).rejects.toMatchObject({
      code: 'HUB_UNREACHABLE',
      message: expect.stringContaining('begins at byte 5 where 0 was asked for'),
    });
  });

  it('sends more than was asked for is cut off', async () => {
    const download = await freshCase();
    const source = await download.run(always({ goesOn: true }));
    expect(await download.isDone()).toBe(true);
    expect(source.openBodies).toBe(0);
    expect(download.countedBytes).toBe(content.length);
  });

  it('says another length is borne like any other passing fault', async () => {
    const download = await freshCase();
    const wrong = { totalBytes: 5 };
    const source = await download.run([wrong, wrong, wrong, {}, wrong, wrong, wrong, wrong], {
      connections: 1,
    });
    expect(await download.isDone()).toBe(true);
    expect(source.openBodies).toBe(0);
    expect(download.notices[0]?.reason).toBe(
      'the server says that the file has 5 bytes, and it must have 1000000',
    );
  });

  it('goes on saying another length is not believed', async () => {
    const download = await freshCase();
    const source = new ScriptedSource(content, always({ totalBytes: 999_999 }));
    await expect(download.runFrom(source)).rejects.toMatchObject({
      code: 'HUB_SIZE_MISMATCH',
      message: expect.stringContaining('Given up, because 4 tries in a row brought nothing'),
      details: { file: download.destination, expected: 1_000_000, actual: 999_999 },
    });
    expect(source.requests).toHaveLength(4);
  });

  it('says another length first is told by what went wrong last', async () => {
    const download = await freshCase();
    const script = (index: number) => (index < 3 ? { totalBytes: 5 } : refusedWith(500));
    await expect(download.run(script)).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  });

  it.each([
    ['HUB_UNREACHABLE', refusedWith(500)],
    ['HUB_RATE_LIMITED', refusedWith(429)],
    ['HUB_SIZE_MISMATCH', { totalBytes: 5 }],
    ['HUB_CHECKSUM_MISMATCH', { alteredAt: 5 }],
  ])('fails with %s is told by the name of the file', async (code, answer: ScriptedAnswer) => {
    const name = 'model.safetensors of some-org/some.model';
    const download = await freshCase({ name });
    await expect(download.run(always(answer))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(`^${name} `)),
      details: { file: download.destination },
    });
  });

  it('refuses for good is not asked again', async () => {
    const download = await freshCase();
    const refusal = new WebsslError({ code: 'HUB_ACCESS_DENIED', message: 'no' });
    const source = new ScriptedSource(content, (index) => (index === 1 ? { refusal } : {}));
    await expect(download.runFrom(source)).rejects.toBe(refusal);
    expect(await download.presentBytes()).toBe(download.countedBytes);
  });
});
