import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  catalogueId,
  checkpointFiles,
  freshFolder,
  id,
  modelOf,
  oneTry,
  openCase,
  type PullCase,
  pinned,
} from '../pull/testing/pull-case.js';
import { failureOf } from '../testing/refusal.js';
import { modelsOnDisk } from './models-on-disk.js';

const files = checkpointFiles();

async function list({ cache }: PullCase) {
  return modelsOnDisk({ hubCacheFolder: cache, cacheFolder: await freshFolder() });
}

describe('modelsOnDisk', () => {
  it('is empty where nothing is', async () => {
    const folder = await freshFolder();
    const nowhere = { hubCacheFolder: join(folder, 'none'), cacheFolder: join(folder, 'none') };
    expect(await modelsOnDisk(nowhere)).toEqual([]);
  });

  it('tells each commit with its branches, its length and that nothing is missing', async () => {
    const newer = { ...files, 'config.json': checkpointFiles('vit-tiny-p16')['config.json'] ?? '' };
    const pulled = await openCase({
      repositories: [
        { id: catalogueId, commits: [{ commit: pinned, files }] },
        {
          id,
          commits: [
            { references: ['old', 'v1'], files },
            { references: ['main'], files: newer },
          ],
        },
      ],
    });
    await pulled.pull(catalogueId);
    for (const revision of ['old', 'v1', 'main']) await pulled.pull(id, { revision });
    const lengthAt = async (of: string, revision: string) => {
      const all = await Promise.all(
        Object.keys(files).map((path) => pulled.hub.describe(of, path, revision)),
      );
      return all.reduce((sum, { bytes }) => sum + bytes, 0);
    };
    const row = async (of: string, revision: string, references: readonly string[]) => {
      const { commit } = await pulled.hub.describe(of, 'config.json', revision);
      const folder = join(pulled.repository(of), 'snapshots', commit);
      const bytes = await lengthAt(of, revision);
      return { id: of, commit, references, folder, bytes, partialBytes: 0, missing: [] };
    };
    const found = await list(pulled);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        await row(catalogueId, pinned, ['main']),
        await row(id, 'old', ['old', 'v1']),
        await row(id, 'main', ['main']),
      ]),
    );
  });

  it('tells what a model lacks, and what an unfinished download has left', async () => {
    const repositories = [{ id: catalogueId, commits: [{ commit: pinned, files: modelOf(3_000_000) }] }];
    const pulled = await openCase({ repositories });
    pulled.hub.setFaults([{ on: 'cdn', fault: { kind: 'drop', afterBytes: 1_000_000 } }]);
    await failureOf(pulled.pull(catalogueId, { retry: oneTry }));
    const [model, ...more] = await list(pulled);
    expect(more).toEqual([]);
    expect(model).toMatchObject({ id: catalogueId, commit: pinned, bytes: 0 });
    expect(model?.missing).toContain('model.safetensors');
    expect(model?.partialBytes).toBeGreaterThan(0);

    const { folder } = await pulled.pull(catalogueId);
    await rm(join(folder, 'config.json'));
    expect((await list(pulled))[0]).toMatchObject({ missing: ['config.json'] });
  });

  it('passes over models that are none of webssl, and what is no model', async () => {
    const { 'config.json': _, ...others } = files;
    const pulled = await openCase({
      repositories: [{ id, commits: [{ files: { ...others, 'config.json': '{"model_type":"bert"}' } }] }],
    });
    await pulled.pull();
    await mkdir(join(pulled.cache, 'datasets--some--data'));
    await mkdir(join(pulled.cache, 'models--..--..'));
    await writeFile(join(pulled.cache, 'models--a--file'), '');
    expect(await list(pulled)).toEqual([]);
  });
});
