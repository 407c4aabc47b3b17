import { randomBytes } from 'node:crypto';
import { constants, copyFile, lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Environment } from '../cache-folder.js';
import { ifPresent } from '../file-errors.js';
import { isTrue } from '../hub/environment-values.js';
import { blobFile, type CacheRepository, snapshotFile } from './cache-paths.js';
import { makeFolder } from './make-folder.js';
import { writingTo } from './write-problem.js';

/** Which file of a snapshot has which content. */
export interface SnapshotLink {
  readonly commit: string;
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Name of the blob. */
  readonly digest: string;
  /** Whether the blob was fetched for this file just now, so that nothing else can point to it. */
  readonly isNewBlob: boolean;
  /** Default: unless `HF_HUB_DISABLE_SYMLINKS` is set. */
  readonly symlinks?: boolean;
}

/**
 * Lets a file of a snapshot appear: a relative symbolic link to its blob, as the Python client makes it. What has its
 * name is replaced at once, so that a reader sees the old or the new. Where symbolic links are not wanted or the system
 * refuses them (Windows without developer mode), the file itself is put there: a new blob is moved, and any other, to
 * which another snapshot may point, is copied; that too is what the Python client does.
 *
 * @returns the snapshot's file
 * @throws WebsslError `CACHE_PATH_INVALID`, `CACHE_UNWRITABLE`, `HUB_DISK_FULL`.
 */
export async function linkSnapshotFile(
  repository: CacheRepository,
  { commit, path, digest, isNewBlob, symlinks = symlinksWanted() }: SnapshotLink,
): Promise<string> {
  const file = snapshotFile(repository, commit, path);
  const blob = blobFile(repository, digest);
  const folder = dirname(file);
  await makeFolder(repository, folder);
  const target = relative(folder, blob);
  if (symlinks && (await linkTarget(file)) === target) return file;

  const temporary = join(folder, `.${basename(file)}.${randomBytes(4).toString('hex')}${temporarySuffix}`);
  await writingTo(folder, async () => {
    try {
      if (!symlinks || !(await couldLink(target, temporary))) {
        if (isNewBlob && !(await lstat(blob)).isSymbolicLink()) return await rename(blob, file);
        await copyFile(blob, temporary, constants.COPYFILE_FICLONE);
      }
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  });
  return file;
}

const temporarySuffix = '.webssl-link';

/** Whether a file of a snapshot is what a killed process left of its work. */
export function isUnfinishedLink(name: string): boolean {
  return name.endsWith(temporarySuffix);
}

function symlinksWanted(environment: Environment = process.env): boolean {
  return !isTrue(environment['HF_HUB_DISABLE_SYMLINKS']);
}

async function linkTarget(file: string): Promise<string | undefined> {
  const isLink = (await ifPresent(file, lstat(file)))?.isSymbolicLink() ?? false;
  return isLink ? ifPresent(file, readlink(file)) : undefined;
}

async function couldLink(target: string, file: string): Promise<boolean> {
  // Systems refuse links with many codes. Where the folder is the trouble, putting the file itself there tells.
  return symlink(target, file, 'file').then(
    () => true,
    () => false,
  );
}
