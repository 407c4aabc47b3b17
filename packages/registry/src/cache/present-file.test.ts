import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { presentFile } from './present-file.js';
import {
  asOrdinaryUser,
  commit,
  failure,
  hubFile,
  otherCommit,
  sampleCache,
} from './testing/sample-cache.js';

const weights = hubFile('model.safetensors', 'weights');

describe('a file of the hub', () => {
  const sample = sampleCache();
  const inSnapshot = () => join(sample.snapshot(), weights.path);
  const find = (file = weights, of = commit) => presentFile(sample.place(), of, file);

  it('is in the snapshot', async () => {
    await sample.add({ 'model.safetensors': 'weights' });
    const present = { place: 'snapshot', file: inSnapshot(), bytes: 7 };
    expect(await find()).toEqual(present);
    expect(await find({ ...weights, bytes: undefined })).toEqual(present);
    expect(await asOrdinaryUser(() => find())).toEqual(present);
  });

  it('is among the blobs, fetched for another snapshot', async () => {
    await sample.add({ 'model.safetensors': 'weights' }, otherCommit);
    expect(await find()).toEqual({ place: 'blob', file: sample.blob(weights), bytes: 7 });
  });

  it('is in the store that the Python client shares between repositories', async () => {
    const store = join(sample.path(), 'blobs', 'ab', `ab${'0'.repeat(62)}`);
    await mkdir(dirname(store), { recursive: true });
    await writeFile(store, 'weights');
    await sample.add({ 'model.safetensors': 'weights' });
    await rm(sample.blob(weights));
    await symlink(`../../blobs/ab/ab${'0'.repeat(62)}`, sample.blob(weights));
    expect((await find())?.place).toBe('snapshot');
    expect((await find(weights, otherCommit))?.place).toBe('blob');
    await writeFile(store, 'short');
    expect(await find()).toBeUndefined();
  });

  it('is a file without a blob, on a system without symbolic links', async () => {
    await mkdir(sample.snapshot(), { recursive: true });
    await writeFile(inSnapshot(), 'weights');
    expect((await find())?.place).toBe('snapshot');
  });

  it('of another length is not it', async () => {
    await sample.add({ 'model.safetensors': 'weights' });
    await writeFile(sample.blob(weights), 'weight');
    expect(await find()).toBeUndefined();
  });

  it('that links to nothing, or to another content of its length, is not it', async () => {
    await sample.add({ 'model.safetensors': 'weights' });
    await rm(sample.blob(weights));
    expect(await find()).toBeUndefined();
    await sample.add({ 'other.safetensors': 'weighty' });
    await rm(inSnapshot());
    await symlink(`../../blobs/${hubFile('other.safetensors', 'weighty').hash.digest}`, inSnapshot());
    expect(await find()).toBeUndefined();
  });

  it('that is a folder is not it, and of an unknown length neither', async () => {
    await mkdir(inSnapshot(), { recursive: true });
    expect(await find({ ...weights, bytes: undefined })).toBeUndefined();
  });

  it('is nowhere in an empty cache, and cannot lie outside', async () => {
    expect(await find()).toBeUndefined();
    expect((await failure(find({ ...weights, path: '../x' }))).code).toBe('CACHE_PATH_INVALID');
  });
});
