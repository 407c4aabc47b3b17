import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { findCatalogueEntry } from './catalogue.js';
import { locateModel } from './locate-model.js';
import { parseModelReference } from './model-reference.js';
import { openCheckpoint } from './open-checkpoint.js';

const id = 'facebook/webssl-mae700m-full2b-224';

async function failure(reference: string): Promise<WebsslError> {
  const outcome = await openCheckpoint(reference, { hubCacheFolder: '/nowhere' }).catch(
    (error: unknown) => error,
  );
  if (WebsslError.isInstance(outcome)) return outcome;
  throw new Error('no WebsslError', { cause: outcome });
}

describe('parseModelReference', () => {
  it('understands an existing folder', async () => {
    const folder = goldenCheckpoint('vit-tiny-p14');
    expect(await parseModelReference(folder)).toEqual({ kind: 'folder', id: folder });
    expect(await parseModelReference('.')).toEqual({ kind: 'folder', id: '.' });
  });

  it('understands catalogue ids and other hub ids', async () => {
    const entry = findCatalogueEntry(id);
    const pinned = { kind: 'hub', id, entry, revision: entry?.revision };
    expect(await parseModelReference(id)).toEqual(pinned);
    expect(await parseModelReference('webssl-mae700m-full2b-224')).toEqual(pinned);
    expect(await parseModelReference(id, 'main')).toEqual({ ...pinned, revision: 'main' });
    expect(await parseModelReference('a/b')).toEqual({
      kind: 'hub',
      id: 'a/b',
      entry: undefined,
      revision: 'main',
    });
  });

  it.each([
    [`random:${id}`, 0],
    ['random:webssl-mae700m-full2b-224@0', 0],
    [`random:${id}@4294967295`, 4_294_967_295],
  ])('understands %s', async (reference, seed) => {
    expect(await parseModelReference(reference)).toEqual({
      kind: 'synthetic',
      id: `random:${id}@${seed}`,
      entry: findCatalogueEntry(id),
      seed,
    });
  });
});

describe('a reference that leads nowhere', () => {
  it.each([
    ['facebook/webssl-mae700m-full2b-244', id],
    ['webssl-mae700-full2b-224', id],
    ['WEBSSL-MAE700M-FULL2B-224', id],
    ['mae700m', id],
    ['random:webssl-mae700m-full2b-22', id],
    ['dino7b-full8b-518', 'facebook/webssl-dino7b-full8b-518'],
  ])('%s is unknown, with %s suggested first', async (reference, suggestion) => {
    const error = await failure(reference);
    expect(error.code).toBe('MODEL_UNKNOWN');
    expect(error.details['suggestions']).toContain(suggestion);
    expect(error.message).toContain(`Did you mean ${suggestion}`);
  });

  it.each(['', 'vgg', 'x'.repeat(300), 'random:', 'random:/tmp'])('%j is unknown', async (reference) => {
    const error = await failure(reference);
    expect(error.code).toBe('MODEL_UNKNOWN');
    expect(error.details['suggestions']).toEqual([]);
  });

  it('of another organisation is not on disk', async () => {
    expect((await failure('google/vit-base-patch16-224')).code).toBe('MODEL_NOT_ON_DISK');
  });

  it.each(['./missing', '/missing/folder', '~/missing', 'a/b/c'])(
    '%s is a missing folder',
    async (folder) => {
      const error = await failure(folder);
      expect(error.code).toBe('CHECKPOINT_FOLDER_MISSING');
      expect(error.message).toContain(folder);
    },
  );

  it('is a file', async () => {
    const error = await failure(join(goldenCheckpoint('vit-tiny-p14'), 'model.safetensors'));
    expect(error.code).toBe('CHECKPOINT_NOT_A_FOLDER');
  });

  it.each([
    `random:${id}@`,
    `random:${id}@-1`,
    `random:${id}@1.5`,
    `random:${id}@1@2`,
    `random:${id}@4294967296`,
  ])('%s has no valid seed', async (reference) => {
    expect((await failure(reference)).code).toBe('MODEL_SEED_INVALID');
  });

  it.each([goldenCheckpoint('vit-tiny-p14'), `random:${id}`])(
    'has a revision although it is no hub repository',
    async (reference) => {
      const error = await locateModel(reference, { revision: 'main' }).catch((reason: unknown) => reason);
      expect(WebsslError.isInstance(error, 'MODEL_REVISION_INVALID')).toBe(true);
    },
  );
});
