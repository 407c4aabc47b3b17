import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it, vi } from 'vitest';
import { openCheckpoint } from './open-checkpoint.js';
import {
  catalogueId,
  checkpointFiles,
  hubOf,
  id,
  openCase,
  openHub,
  type PullCase,
  pinned,
} from './pull/testing/pull-case.js';
import { readProcessorConfig } from './read-processor-config.js';
import { refusalOf } from './testing/refusal.js';

const files = checkpointFiles();
const catalogueHub = { repositories: [{ id: catalogueId, commits: [{ commit: pinned, files }] }] };

const weightsIn = ({ hub }: PullCase) => hub.bytesSent({ host: 'cdn' });

describe('openCheckpoint', () => {
  it('fetches a model of the catalogue that is not on disk, and from then on needs no network', async () => {
    const pulled = await openCase(catalogueHub);
    const fetched = await openCheckpoint('webssl-mae700m-full2b-224', pulled.options());
    expect(fetched).toMatchObject({ id: catalogueId, revision: pinned });
    const golden = await openCheckpoint(goldenCheckpoint('vit-tiny-p14'));
    expect(fetched.config).toEqual(golden.config);
    expect([...fetched.tensors.keys()]).toEqual([...golden.tensors.keys()]);
    expect(pulled.told('plan')).toHaveLength(1);
    await pulled.hub.close();
    for (const offline of [true, false]) {
      const again = await openCheckpoint(catalogueId, pulled.options({ offline }));
      expect(again).toMatchObject({ folder: fetched.folder, key: fetched.key });
    }
  });

  it('takes the endpoint and the switch from the environment', async () => {
    const pulled = await openCase(catalogueHub);
    const options = { hubCacheFolder: pulled.cache };
    vi.stubEnv('HF_ENDPOINT', `${pulled.hub.endpoint}/`);
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await refusalOf(openCheckpoint(catalogueId, options))).code).toBe('MODEL_NOT_ON_DISK');
    expect(pulled.hub.requests).toEqual([]);
    vi.stubEnv('HF_HUB_OFFLINE', '0');
    expect((await openCheckpoint(catalogueId, options)).revision).toBe(pinned);
  });

  it('does not ask whether the branch of a model on disk has moved', async () => {
    const pulled = await openCase(hubOf(files));
    const { folder } = await openCheckpoint(id, pulled.options());
    pulled.hub.reset();
    expect((await openCheckpoint(id, pulled.options())).folder).toBe(folder);
    expect(pulled.hub.requests).toEqual([]);
  });

  it.each(Object.keys(files))(
    'completes a snapshot that lacks %s, and fetches nothing else',
    async (path) => {
      const pulled = await openCase(hubOf(files));
      const { folder } = await openCheckpoint(id, pulled.options());
      await rm(join(folder, path));
      await rm(await pulled.blob(path));
      pulled.hub.reset();
      expect((await openCheckpoint(id, pulled.options())).folder).toBe(folder);
      expect(pulled.requestedFiles()).toEqual([path]);
    },
  );

  it('completes a snapshot in shards that lacks one of them', async () => {
    const pulled = await openCase(hubOf(checkpointFiles('vit-tiny-sharded')));
    const { folder } = await openCheckpoint(id, pulled.options());
    const shard = 'model-00002-of-00002.safetensors';
    await rm(await pulled.blob(shard));
    pulled.hub.reset();
    expect((await openCheckpoint(id, pulled.options())).folder).toBe(folder);
    expect(pulled.requestedFiles()).toEqual([shard]);
  });

  it('completes a branch at the commit that is there in part, also where the branch has moved', async () => {
    const pulled = await openCase(hubOf(files));
    const first = await openCheckpoint(id, pulled.options());
    await rm(join(first.folder, 'config.json'));
    const newer = { ...files, 'README.md': 'newer' };
    const moved = pulled.at(
      await openHub({ repositories: [{ id, commits: [{ files }, { files: newer }] }] }),
    );
    const second = await openCheckpoint(id, moved.options());
    expect(second.revision).toBe(first.revision);
    expect(moved.requestedFiles()).toEqual([]);
  });

  it('is stopped by its signal while it fetches', async () => {
    const pulled = await openCase(catalogueHub);
    const stop = new AbortController();
    const reason = new Error('enough');
    const options = pulled.options({ signal: stop.signal, onPull: () => stop.abort(reason) });
    await expect(openCheckpoint(catalogueId, options)).rejects.toBe(reason);
  });
});

describe('offline', () => {
  it('a model that is not there is an error that says where it was looked for and how to get it', async () => {
    const pulled = await openCase(catalogueHub);
    const error = await refusalOf(openCheckpoint(catalogueId, pulled.options({ offline: true })));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
    expect(error.message).toContain(pulled.cache);
    expect(error.message).toContain(`webssl models pull ${catalogueId} --revision ${pinned}`);
    expect(error.message).toContain(`random:${catalogueId}`);
    expect(error.details).toMatchObject({ id: catalogueId, revision: pinned, missing: [] });
    expect(pulled.hub.requests).toEqual([]);
  });

  it.each(Object.keys(files))('a model that lacks %s is an error that names it', async (path) => {
    const pulled = await openCase(catalogueHub);
    const { folder } = await openCheckpoint(catalogueId, pulled.options());
    await rm(join(folder, path));
    const error = await refusalOf(openCheckpoint(catalogueId, pulled.options({ offline: true })));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
    expect(error.message).toContain(`without ${path}`);
    expect(error.details['missing']).toEqual([path]);
  });

  it('a misspelt name gets suggestions', async () => {
    const pulled = await openCase(catalogueHub);
    const options = pulled.options({ offline: true });
    const error = await refusalOf(openCheckpoint('facebook/webssl-mae700m-ful2b-224', options));
    expect(error.code).toBe('MODEL_UNKNOWN');
    expect(error.details['suggestions']).toContain(catalogueId);
  });

  it('another revision that is there is named', async () => {
    const pulled = await openCase(hubOf(files));
    const { revision } = await openCheckpoint(id, pulled.options());
    const error = await refusalOf(openCheckpoint(id, pulled.options({ offline: true, revision: 'v2' })));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
    expect(error.message).toContain(revision);
  });
});

describe('readProcessorConfig', () => {
  it('fetches that file only, and openCheckpoint the rest later', async () => {
    const pulled = await openCase(hubOf(files));
    const config = await readProcessorConfig(id, pulled.options());
    expect(config).toEqual(await readProcessorConfig(goldenCheckpoint('vit-tiny-p14')));
    expect(pulled.requestedFiles()).toEqual(['preprocessor_config.json']);
    expect(await pulled.visible()).toEqual(['preprocessor_config.json']);
    pulled.hub.reset();
    expect(await readProcessorConfig(id, pulled.options({ offline: true }))).toEqual(config);
    await openCheckpoint(id, pulled.options());
    expect(pulled.requestedFiles()).toEqual(['config.json', 'model.safetensors']);
    expect((await readdir(join(pulled.repository(), 'blobs'))).length).toBe(3);
  });

  it('needs no weights in the repository', async () => {
    const { 'model.safetensors': _, ...configurations } = files;
    const pulled = await openCase(hubOf(configurations));
    await expect(readProcessorConfig(id, pulled.options())).resolves.toBeDefined();
    expect((await refusalOf(openCheckpoint(id, pulled.options()))).code).toBe('HUB_FILE_NOT_FOUND');
    expect(weightsIn(pulled)).toBe(0);
  });

  it('says when the repository has no such file, and fetches nothing for it', async () => {
    const { 'preprocessor_config.json': _, ...others } = files;
    const pulled = await openCase(hubOf(others));
    const error = await refusalOf(readProcessorConfig(id, pulled.options()));
    expect(error.code).toBe('HUB_FILE_NOT_FOUND');
    expect(error.message).toContain('preprocessor_config.json');
    expect(pulled.requestedFiles()).toEqual([]);
    expect(existsSync(pulled.cache)).toBe(false);
  });

  it('says that it is not on disk when offline', async () => {
    const pulled = await openCase(hubOf(files));
    const error = await refusalOf(readProcessorConfig(id, pulled.options({ offline: true })));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
  });
});
