import { lstat, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ifPresent } from '../file-errors.js';
import type { HubFile } from '../hub/hub-file.js';
import { blobFile, type CacheRepository, snapshotFile } from './cache-paths.js';

/** Where a file's bytes are already. */
export interface PresentFile {
  /** `blob`: only the snapshot's link to it is to be made. */
  readonly place: 'snapshot' | 'blob';
  readonly file: string;
  readonly bytes: number;
}

/**
 * Whether a file of a commit is in the cache with the length that it should have; undefined where it is to be fetched.
 * Its bytes are not read: `verifySnapshot` does that. Links are followed, also those of the Python client into a store
 * that all repositories share. A link to another content, or to none, is not the file.
 *
 * @throws WebsslError `CACHE_PATH_INVALID`, `CHECKPOINT_FILE_UNREADABLE`.
 */
export async function presentFile(
  repository: CacheRepository,
  commit: string,
  { path, bytes, hash }: HubFile,
): Promise<PresentFile | undefined> {
  const file = snapshotFile(repository, commit, path);
  const blob = blobFile(repository, hash.digest);
  const inSnapshot = (await pointsElsewhere(file, hash.digest)) ? undefined : await lengthOf(file);
  if (isRight(inSnapshot, bytes)) return { place: 'snapshot', file, bytes: inSnapshot };
  const inBlobs = await lengthOf(blob);
  if (isRight(inBlobs, bytes)) return { place: 'blob', file: blob, bytes: inBlobs };
  return undefined;
}

async function pointsElsewhere(file: string, digest: string): Promise<boolean> {
  const isLink = (await ifPresent(file, lstat(file)))?.isSymbolicLink() ?? false;
  return isLink && basename(await readlink(file)) !== digest;
}

async function lengthOf(path: string): Promise<number | undefined> {
  const found = await ifPresent(path, stat(path));
  return found?.isFile() ? found.size : undefined;
}

/** A length that the hub does not tell cannot be wrong: a blob gets its name when it is whole. */
function isRight(found: number | undefined, expected: number | undefined): found is number {
  return found !== undefined && (expected === undefined || found === expected);
}
