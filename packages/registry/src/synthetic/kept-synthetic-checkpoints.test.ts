import { mkdir, open, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCatalogueEntry } from '../catalogue.js';
import { modelsOnDisk } from '../keep/models-on-disk.js';
import { removeModel } from '../keep/remove-model.js';
import { freshFolder } from '../pull/testing/pull-case.js';
import { refusalOf } from '../testing/refusal.js';
import { planCheckpoint } from './checkpoint-plan.js';
import { syntheticFolder } from './synthetic-checkpoint.js';

const id = 'facebook/webssl-dino1b-full2b-224';
const entry = findCatalogueEntry(id);

/** As long as a real one, with all its headers, and sparse. Gives its folder and its length. */
async function layOut(cacheFolder: string, seed: number) {
  if (entry === undefined) throw new Error(`no ${id}`);
  const folder = join(syntheticFolder(cacheFolder), `${id.replace('/', '--')}@${seed}`);
  await mkdir(folder, { recursive: true });
  const files = planCheckpoint(entry, seed);
  for (const { name, head, byteLength } of files) {
    const handle = await open(join(folder, name), 'w');
    await handle.writeFile(head);
    await handle.truncate(byteLength);
    await handle.close();
  }
  return { folder, bytes: files.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

/** webssl's own cache, and a Hugging Face cache without anything. */
async function openCaches() {
  const folder = await freshFolder();
  return { cacheFolder: join(folder, 'own'), hubCacheFolder: join(folder, 'hub') };
}

describe('synthetic checkpoints on disk', () => {
  it('are listed under the names that open them', async () => {
    const caches = await openCaches();
    const [first, second] = [await layOut(caches.cacheFolder, 0), await layOut(caches.cacheFolder, 12)];
    const common = { commit: undefined, references: [], partialBytes: 0, missing: [] };
    expect(await modelsOnDisk(caches)).toEqual([
      { ...common, ...first, id: `random:${id}@0` },
      { ...common, ...second, id: `random:${id}@12` },
    ]);
  });

  it('are listed when they are whole, and nothing beside them', async () => {
    const caches = await openCaches();
    const { folder } = await layOut(caches.cacheFolder, 1);
    await truncate(join(folder, 'model.safetensors'), 1_000_000);
    for (const name of [
      '.facebook--x@1.0a.partial',
      'facebook--unknown@1',
      'notes',
      `${id.replace('/', '--')}@x`,
    ])
      await mkdir(join(syntheticFolder(caches.cacheFolder), name));
    expect(await modelsOnDisk(caches)).toEqual([]);
  });

  it('are removed by name, seed 0 where none is named', async () => {
    const caches = await openCaches();
    const { bytes } = await layOut(caches.cacheFolder, 0);
    await layOut(caches.cacheFolder, 12);
    expect(await removeModel('random:webssl-dino1b-full2b-224', caches)).toEqual({
      id: `random:${id}@0`,
      revision: undefined,
      freedBytes: bytes,
    });
    expect(await readdir(syntheticFolder(caches.cacheFolder))).toEqual([`${id.replace('/', '--')}@12`]);
    const error = await refusalOf(removeModel(`random:${id}@0`, caches));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
    expect(error.message).toContain(caches.cacheFolder);
  });

  it('have no revision, and a seed that is a number', async () => {
    const caches = await openCaches();
    await layOut(caches.cacheFolder, 0);
    const withRevision = removeModel(`random:${id}`, { ...caches, revision: 'main' });
    expect((await refusalOf(withRevision)).code).toBe('MODEL_REVISION_INVALID');
    expect((await refusalOf(removeModel(`random:${id}@x`, caches))).code).toBe('MODEL_SEED_INVALID');
    expect((await refusalOf(removeModel('random:none', caches))).code).toBe('MODEL_UNKNOWN');
    expect(await readdir(syntheticFolder(caches.cacheFolder))).toHaveLength(1);
  });
});
