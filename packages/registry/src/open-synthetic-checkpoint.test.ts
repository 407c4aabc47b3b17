import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCatalogueEntry } from './catalogue.js';
import { locateModel } from './locate-model.js';
import { openCheckpoint } from './open-checkpoint.js';
import { planCheckpoint } from './synthetic/checkpoint-plan.js';
import { findSyntheticCheckpoint } from './synthetic/synthetic-checkpoint.js';

const id = 'facebook/webssl-dino2b-full2b-224';
const seed = 3;

describe('a synthetic checkpoint', () => {
  let cacheFolder = '';
  let folder = '';

  // Sparse: as long as the real one, with all headers, and all weights zero.
  beforeAll(async () => {
    cacheFolder = await mkdtemp(join(tmpdir(), 'webssl-cache-'));
    const entry = findCatalogueEntry(id);
    if (entry === undefined) throw new Error(`no ${id}`);
    folder = join(cacheFolder, 'synthetic', 'recipe-1', `facebook--webssl-dino2b-full2b-224@${seed}`);
    await mkdir(folder, { recursive: true });
    for (const { name, head, byteLength } of planCheckpoint(entry, seed)) {
      const handle = await open(join(folder, name), 'w');
      await handle.writeFile(head);
      await handle.truncate(byteLength);
      await handle.close();
    }
    expect(await findSyntheticCheckpoint({ entry, seed, cacheFolder })).toBe(folder);
  });
  afterAll(() => rm(cacheFolder, { recursive: true }));

  it('is opened by its reference, and known as synthetic', async () => {
    const checkpoint = await openCheckpoint('random:webssl-dino2b-full2b-224@3', { cacheFolder });
    expect(checkpoint).toMatchObject({
      id: `random:${id}@3`,
      folder,
      revision: undefined,
      synthetic: { seed },
      unexpected: [],
      config: findCatalogueEntry(id)?.config,
    });
    expect(checkpoint.index.files).toHaveLength(2);
  });

  it('is known as synthetic by its folder too', async () => {
    expect((await openCheckpoint(folder)).synthetic).toEqual({ seed });
  });

  it('is located where it has been written, and not made for that', async () => {
    const located = await locateModel(`random:${id}@3`, { cacheFolder });
    expect(located).toMatchObject({ id: `random:${id}@3`, folder });
    expect(located?.bytes).toBeGreaterThan(findCatalogueEntry(id)?.bytes ?? Number.POSITIVE_INFINITY);
    expect(await locateModel(`random:${id}`, { cacheFolder })).toBeUndefined();
    expect(await readdir(join(folder, '..'))).toHaveLength(1);
  });

  it('that is being written reports progress, and leaves nothing behind when it is aborted', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'webssl-cache-'));
    const controller = new AbortController();
    const reason = new Error('enough');
    const seen: { readonly writtenBytes: number; readonly totalBytes: number }[] = [];
    const opening = openCheckpoint('random:webssl-dino300m-full2b-224', {
      cacheFolder: empty,
      signal: controller.signal,
      workerEntry: new URL('../dist/synthetic-worker.js', import.meta.url),
      onProgress: (progress) => {
        seen.push(progress);
        controller.abort(reason);
      },
    });
    await expect(opening).rejects.toBe(reason);
    expect(seen[0]?.writtenBytes).toBeLessThan(seen[0]?.totalBytes ?? 0);
    expect(await readdir(join(empty, 'synthetic', 'recipe-1'))).toEqual([]);
    await rm(empty, { recursive: true });
  });
});
