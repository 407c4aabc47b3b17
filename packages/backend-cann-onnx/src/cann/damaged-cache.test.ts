import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BackendSession } from '@webssl/backend';
import { fixturePixels } from '@webssl/backend/testkit';
import { describe, expect, it } from 'vitest';
import { errorOf, exact, missing, reason, useCannMachine } from '../testing/cann-stand-in.js';

const cann = useCannMachine();

/** A file with the header of an offline model, and something else in it. */
function offlineModel(content: string): Buffer {
  const header = Buffer.alloc(256);
  header.write('IMOD', 'latin1');
  header.writeUInt32LE(content.length, 76);
  return Buffer.concat([header, Buffer.from(content)]);
}

/** Computes with the batch sizes 1 and 4, so that there are two models in the cache. */
async function fillCache(): Promise<readonly string[]> {
  const session = await cann.open({ batchSizes: [1, 4] });
  await session.run(fixturePixels([0, 1, 2, 3, 4]));
  await session.close();
  expect(cann.compilations()).toEqual(['compile', 'compile']);
  return cann.cached();
}

async function expectRightResults(session: BackendSession): Promise<void> {
  expect(await errorOf(session, [0, 1, 2, 3, 4])).toBeLessThan(exact);
}

describe.skipIf(missing !== undefined)(`a damaged cache of CANN${reason}`, () => {
  it.each<[string, (file: string) => void]>([
    ['is empty', (file) => truncateSync(file)],
    ['is garbage', (file) => writeFileSync(file, 'garbage'.repeat(100))],
    ['is cut short', (file) => truncateSync(file, statSync(file).size - 1)],
    ['is cut within its header', (file) => truncateSync(file, 100)],
    ['has something behind it', (file) => writeFileSync(file, 'x', { flag: 'a' })],
  ])('has a model that %s: it alone is compiled again', async (_damage, damage) => {
    const [file = '', other = ''] = await fillCache();
    const sound = readFileSync(file);
    const inode = statSync(other).ino;
    damage(file);
    const session = await cann.open({ batchSizes: [1, 4] });
    await expectRightResults(session);
    await session.close();
    expect(cann.compilations().slice(2).sort()).toEqual(['compile', 'load']);
    expect(readFileSync(file)).toEqual(sound);
    expect(statSync(other).ino).toBe(inode);
    expect(cann.cached()).toHaveLength(2);
  });

  it('has a model with a sound header that CANN cannot load: the same run compiles it again', async () => {
    const [file = ''] = await fillCache();
    const sound = readFileSync(file);
    writeFileSync(file, offlineModel('not what CANN wrote'));
    const session = await cann.open({ batchSizes: [1, 4] });
    await expectRightResults(session);
    await session.close();
    expect(cann.compilations().slice(2).sort()).toEqual(['compile', 'load']);
    expect(readFileSync(file)).toEqual(sound);
    const next = await cann.open({ batchSizes: [1, 4] });
    await expectRightResults(next);
    expect(cann.compilations().slice(4)).toEqual(['load', 'load']);
  });

  it('is compiled anew once only: where that fails too, the run does', async () => {
    const [file = ''] = await fillCache();
    writeFileSync(file, offlineModel('not what CANN wrote'));
    cann.configure({ faults: 'compile=1' });
    const session = await cann.open({ batchSizes: [1, 4] });
    await expect(session.run(fixturePixels([0, 1, 2, 3, 4]))).rejects.toMatchObject({
      code: 'CANN_COMPILE_FAILED',
    });
    await expectRightResults(session);
  });

  it('keeps its models where one could not be loaded for want of memory', async () => {
    await fillCache();
    cann.configure({ faults: 'load=207001' });
    const session = await cann.open({ batchSizes: [1, 4] });
    await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({
      code: 'BACKEND_OUT_OF_MEMORY',
      message: expect.stringContaining('fewer batchSizes'),
    });
    await expectRightResults(session);
    expect(cann.compilations().slice(2)).toEqual(['load', 'load']);
  });

  it('is gone while a session is open: that makes its folder again, and fills it', async () => {
    const session = await cann.open({ batchSizes: [1, 4] });
    expect(await errorOf(session, [0])).toBeLessThan(exact);
    rmSync(join(cann.folder, 'cache'), { recursive: true });
    await expectRightResults(session);
    await expectRightResults(session);
    await session.close();
    expect(cann.cached()).toHaveLength(1);
  });

  it('is gone when a session is closed', async () => {
    const session = await cann.open();
    expect(await errorOf(session, [0])).toBeLessThan(exact);
    rmSync(join(cann.folder, 'cache'), { recursive: true });
    await session.close();
    expect(await session.closed).toEqual({ kind: 'closed' });
  });

  it('has folders with the names of models: sessions open, no run fails of it, and nothing half done stays', async () => {
    const files = await fillCache();
    for (const file of files) {
      rmSync(file);
      mkdirSync(file);
    }
    const session = await cann.open({ batchSizes: [1, 4] });
    await expectRightResults(session);
    await expectRightResults(session);
    await session.close();
    expect(cann.compilations().slice(2)).toEqual(['compile', 'compile']);
    expect(readdirSync(dirname(files[0] ?? '')).sort()).toEqual(files.map((file) => basename(file)).sort());
  });
});
