import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { WebsslError } from '@webssl/backend';
import type { Environment } from '../cache-folder.js';
import { ifPresent, isMissing } from '../file-errors.js';
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
 * refuses them (Windows without developer mode), the file itself gets its name there as well (a hard link): the blob
 * stays, on which another pull may count. Where there are no hard links either, a new blob is moved, and any other, to
 * which another snapshot may point, is copied; that is what the Python client does.
 *
 * @throws WebsslError `CACHE_PATH_INVALID`, `CACHE_UNWRITABLE`, `HUB_DISK_FULL`; `CACHE_BUSY` where another process has
 * taken the blob away meanwhile.
 */
export async function linkSnapshotFile(
  repository: CacheRepository,
  { commit, path, digest, isNewBlob, symlinks = symlinksWanted() }: SnapshotLink,
): Promise<void> {
  const file = snapshotFile(repository, commit, path);
  const blob = blobFile(repository, digest);
  const folder = dirname(file);
  await makeFolder(repository, folder);
  const target = relative(folder, blob);
  if (symlinks && (await linkTarget(file)) === target) return;

  const temporary = join(folder, `.${basename(file)}.${randomBytes(4).toString('hex')}${temporarySuffix}`);
  await writingTo(folder, async () => {
    try {
      if (!symlinks || !(await succeeds(symlink(target, temporary, 'file')))) {
        await putItself(blob, temporary, isNewBlob);
      }
      await rename(temporary, file);
    } catch (error) {
      if (isMissing(error) && (await ifPresent(blob, lstat(blob))) === undefined)
        throw gone(repository, path);
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/** What a blob that is itself a link leads to is another's: it is only read. */
async function putItself(blob: string, file: string, mayMove: boolean): Promise<void> {
  const isOwn = !(await lstat(blob)).isSymbolicLink();
  if (isOwn && (await succeeds(link(blob, file)))) return;
  if (isOwn && mayMove) await rename(blob, file);
  else await copyFile(blob, file, constants.COPYFILE_FICLONE);
}

function gone({ id, cache }: CacheRepository, path: string): WebsslError {
  return new WebsslError({
    code: 'CACHE_BUSY',
    message: `The content of ${path} of ${id} in ${cache} was removed while it was put into its snapshot: another process works on it. Run it again.`,
    details: { id, cache, path },
  });
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

async function succeeds(linking: Promise<void>): Promise<boolean> {
  // Systems refuse links with many codes. Where the folder is the trouble, putting the file itself there tells.
  return linking.then(
    () => true,
    () => false,
  );
}
