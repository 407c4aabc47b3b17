import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linkSnapshotFile } from './link-snapshot-file.js';
import { prepareRepository } from './prepare-repository.js';
import { putAside } from './put-aside.js';
import { commit, hubFile, sampleCache } from './testing/sample-cache.js';

const sample = sampleCache();
const { path, hash } = hubFile('config.json', '{"a":1}');
const damaged = { commit, path, digest: hash.digest };
const blobs = () => readdir(join(sample.repository(), 'blobs'));

it('a damaged file that is another name of its blob goes together with it', async () => {
  await prepareRepository(sample.place(), commit);
  await writeFile(join(sample.repository(), 'blobs', hash.digest), '{"a":2}');
  await linkSnapshotFile(sample.place(), { ...damaged, isNewBlob: true, symlinks: false });
  await putAside(sample.place(), damaged);
  expect(await readdir(sample.snapshot())).toEqual([]);
  expect(await blobs()).toEqual([`${hash.digest}.webssl.rejected`]);
});

it('a damaged file of its own leaves the blob of its name alone', async () => {
  await prepareRepository(sample.place(), commit);
  await writeFile(join(sample.repository(), 'blobs', hash.digest), '{"a":1}');
  await writeFile(join(sample.snapshot(), path), '{"a":2}');
  await putAside(sample.place(), damaged);
  expect(await readdir(sample.snapshot())).toEqual([]);
  expect(await blobs()).toEqual([hash.digest]);
});
