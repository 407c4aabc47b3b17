import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { ifPresent } from '../file-errors.js';
import {
  type CacheRepository,
  isCommit,
  referenceFile,
  repositoryFolder,
  requireCommit,
} from './cache-paths.js';
import { makeFolder } from './make-folder.js';
import { isSafeRelativePath } from './relative-path.js';

/**
 * The commit that a branch or tag had when it was last fetched; undefined where the cache knows none.
 * @throws WebsslError `MODEL_REVISION_INVALID`
 */
export async function readReference(
  repository: CacheRepository,
  revision: string,
): Promise<string | undefined> {
  const commit = (await readNote(fileOf(repository, revision)))?.trim();
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

/**
 * Notes the commit of a branch or tag; a commit needs no note. Writes only what has changed, and a cache that cannot be
 * written (read-only, another user's) stays as it is: a note is of use only where the network is away, and everything
 * else works without it.
 *
 * @throws WebsslError `MODEL_REVISION_INVALID`, `CACHE_PATH_INVALID`
 */
export async function writeReference(
  repository: CacheRepository,
  revision: string,
  commit: string,
): Promise<void> {
  requireCommit(commit);
  if (revision === commit) return;
  const file = fileOf(repository, revision);
  const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    // Compared as it lies there: the Python client does not trim it.
    if ((await readNote(file)) === commit) return;
    await makeFolder(repository, dirname(file));
    await writeFile(temporary, commit);
    await rename(temporary, file);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** A branch or tag and where it is noted. */
export interface NotedReference {
  readonly name: string;
  readonly file: string;
  readonly commit: string;
}

/** Every branch and tag whose commit the cache knows, whether it has that commit's files or not. */
export async function listReferences(repository: CacheRepository): Promise<readonly NotedReference[]> {
  const folder = join(repositoryFolder(repository), 'refs');
  const entries = (await ifPresent(folder, readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
  const references = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = join(entry.parentPath, entry.name);
        const commit = (await readNote(file))?.trim() ?? '';
        const name = relative(folder, file).replaceAll(sep, '/');
        return { name, file, commit };
      }),
  );
  return references
    .filter(({ commit }) => isCommit(commit))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function readNote(file: string): Promise<string | undefined> {
  // The folder `refs/pr` of a revision `pr/1` is no note of a revision `pr`.
  const isFile = (await ifPresent(file, stat(file)))?.isFile() ?? false;
  return isFile ? ifPresent(file, readFile(file, 'utf8')) : undefined;
}

function fileOf(repository: CacheRepository, revision: string): string {
  // What Git allows in the name of a branch and every file system in that of a file.
  if (!isSafeRelativePath(revision) || /[\s~^[]|^-|@\{/.test(revision)) {
    throw new WebsslError({
      code: 'MODEL_REVISION_INVALID',
      message: `'${revision}' is not a revision: expected a branch, a tag or a commit of 40 hexadecimal digits`,
      details: { revision },
    });
  }
  return referenceFile(repository, revision);
}
