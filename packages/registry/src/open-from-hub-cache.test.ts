import { createHash } from 'node:crypto';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findCatalogueEntry } from './catalogue.js';
import { locateModel } from './locate-model.js';
import { openCheckpoint } from './open-checkpoint.js';

const catalogueId = 'facebook/webssl-mae700m-full2b-224';
const pinned = findCatalogueEntry(catalogueId)?.revision ?? '';
const otherCommit = '00112233445566778899aabbccddeeff00112233';

/** Lays a checkpoint into a cache as the Python client does: hashed blobs, and snapshots of relative links to them. */
async function addSnapshot(
  cache: string,
  place: { readonly id: string; readonly commit: string; readonly branch?: string },
  checkpoint: string,
): Promise<string> {
  const repository = join(cache, `models--${place.id.replace('/', '--')}`);
  const snapshot = join(repository, 'snapshots', place.commit);
  await mkdir(join(repository, 'blobs'), { recursive: true });
  await mkdir(snapshot, { recursive: true });
  for (const name of await readdir(goldenCheckpoint(checkpoint))) {
    const source = join(goldenCheckpoint(checkpoint), name);
    const content = await readFile(source);
    const blob = name.endsWith('.safetensors')
      ? createHash('sha256').update(content).digest('hex')
      : createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    await copyFile(source, join(repository, 'blobs', blob));
    await symlink(join('..', '..', 'blobs', blob), join(snapshot, name));
  }
  if (place.branch !== undefined) {
    await mkdir(join(repository, 'refs'), { recursive: true });
    await writeFile(join(repository, 'refs', place.branch), place.commit);
  }
  return snapshot;
}

async function tree(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

async function failure(outcome: Promise<unknown>): Promise<WebsslError> {
  const reason = await outcome.catch((error: unknown) => error);
  if (WebsslError.isInstance(reason)) return reason;
  throw new Error('no WebsslError', { cause: reason });
}

describe('a model in the Hugging Face cache', () => {
  let cache = '';
  let snapshot = '';
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'webssl-hub-'));
    snapshot = await addSnapshot(cache, { id: catalogueId, commit: pinned }, 'vit-tiny-p14');
    await addSnapshot(
      cache,
      { id: 'some-org/dinov2', commit: otherCommit, branch: 'main' },
      'dinov2-tiny-518',
    );
    await addSnapshot(
      cache,
      { id: 'facebook/webssl-dino1b-full2b-224', commit: otherCommit, branch: 'main' },
      'vit-tiny-sharded',
    );
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  afterAll(() => rm(cache, { recursive: true }));

  it.each([catalogueId, 'webssl-mae700m-full2b-224'])('is opened by its id %s', async (reference) => {
    const checkpoint = await openCheckpoint(reference, { hubCacheFolder: cache });
    expect(checkpoint).toMatchObject({ id: catalogueId, revision: pinned, folder: snapshot });
    expect(checkpoint.tensors.get('layernorm.bias')?.file).toBe(join(snapshot, 'model.safetensors'));
  });

  it('is found through the environment', async () => {
    vi.stubEnv('HF_HUB_CACHE', cache);
    expect((await openCheckpoint(catalogueId)).folder).toBe(snapshot);
  });

  it('may be of any organisation, at main by default', async () => {
    const checkpoint = await openCheckpoint('some-org/dinov2', { hubCacheFolder: cache });
    expect(checkpoint).toMatchObject({ id: 'some-org/dinov2', revision: otherCommit });
    expect(checkpoint.config.modelType).toBe('dinov2');
  });

  it('has its commit known when its folder is given', async () => {
    expect(await openCheckpoint(snapshot)).toMatchObject({ id: snapshot, revision: pinned });
  });

  it('is found in shards behind links', async () => {
    const options = { hubCacheFolder: cache, revision: 'main' };
    const { tensors } = await openCheckpoint('webssl-dino1b-full2b-224', options);
    expect(new Set([...tensors.values()].map(({ file }) => file)).size).toBe(2);
  });

  it('has the same key wherever the cache lies, whatever the time stamps of its blobs', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'webssl-hub-'));
    const copy = await addSnapshot(elsewhere, { id: catalogueId, commit: pinned }, 'vit-tiny-p14');
    await utimes(join(copy, 'model.safetensors'), 1, 1);
    const [one, other] = await Promise.all(
      [cache, elsewhere].map((hubCacheFolder) => openCheckpoint(catalogueId, { hubCacheFolder })),
    );
    expect(one?.key).toBe(other?.key);
    await rm(elsewhere, { recursive: true });
  });

  it('is opened from a cache that cannot be written, which stays as it was', async () => {
    const before = await tree(cache);
    await chmod(cache, 0o555);
    await chmod(snapshot, 0o555);
    await expect(openCheckpoint(catalogueId, { hubCacheFolder: cache })).resolves.toBeDefined();
    await chmod(snapshot, 0o755);
    await chmod(cache, 0o755);
    expect(await tree(cache)).toEqual(before);
  });

  it('is located with the size of its weights, without being read', async () => {
    const { size } = await stat(join(goldenCheckpoint('vit-tiny-p14'), 'model.safetensors'));
    expect(await locateModel(catalogueId, { hubCacheFolder: cache })).toEqual({
      id: catalogueId,
      folder: snapshot,
      revision: pinned,
      bytes: size,
    });
    expect(await locateModel('webssl-mae1b-full2b-224', { hubCacheFolder: cache })).toBeUndefined();
    expect(await locateModel(snapshot)).toMatchObject({ folder: snapshot, bytes: size });
  });

  it('that is not there is an error that says where it was looked for and what to do', async () => {
    const error = await failure(openCheckpoint('webssl-mae1b-full2b-224', { hubCacheFolder: cache }));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
    expect(error.message).toContain(cache);
    expect(error.message).toContain(
      'webssl models pull facebook/webssl-mae1b-full2b-224 --revision 5880aefe',
    );
  });

  it('that is there in another revision is an error that names that revision', async () => {
    const error = await failure(openCheckpoint('webssl-dino1b-full2b-224', { hubCacheFolder: cache }));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
    expect(error.message).toContain(otherCommit);
  });

  it('that is incomplete is an error that names the missing file', async () => {
    const id = 'facebook/webssl-mae3b-full2b-224';
    const folder = await addSnapshot(cache, { id, commit: otherCommit, branch: 'main' }, 'vit-tiny-p16');
    await rm(join(folder, 'preprocessor_config.json'));
    const error = await failure(openCheckpoint(id, { hubCacheFolder: cache }));
    expect(error.code).toBe('MODEL_NOT_ON_DISK');
    expect(error.message).toContain(`without preprocessor_config.json (${folder})`);
  });
});
