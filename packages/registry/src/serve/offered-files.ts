import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { isUnfinishedLink } from '../cache/link-snapshot-file.js';
import { ifPresent } from '../file-errors.js';
import { hashOf } from '../hub/entity-tag.js';
import type { HubHash } from '../hub/hub-file.js';
import { isOfferedName } from './offered-name.js';
import type { OfferedSnapshot } from './offered-repository.js';

/** A file of a snapshot. */
export interface OfferedFile {
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Where the bytes lie, with all links resolved. */
  readonly realPath: string;
  readonly bytes: number;
  /** Time of the last change, in milliseconds. */
  readonly modified: number;
  /** What the blob's name says; undefined for a file that is in the snapshot itself (a cache without links). */
  readonly namedHash: HubHash | undefined;
}

/** Every file of a snapshot that is on disk and may be offered, by path. */
export async function listOfferedFiles(snapshot: OfferedSnapshot): Promise<readonly OfferedFile[]> {
  const paths = await listPaths(snapshot.folder);
  const files = await Promise.all(paths.map((path) => inspect(snapshot, path)));
  return files.filter((file) => file !== undefined);
}

/**
 * One file of a snapshot; undefined where it is not offered. The path must be one that listing the snapshot gave,
 * letter for letter, so no path can lead outside, whatever the operating system makes of its characters.
 */
export async function findOfferedFile(
  snapshot: OfferedSnapshot,
  path: string,
): Promise<OfferedFile | undefined> {
  return (await listPaths(snapshot.folder)).includes(path) ? inspect(snapshot, path) : undefined;
}

async function listPaths(folder: string): Promise<string[]> {
  const entries = (await ifPresent(folder, readdir(folder, { withFileTypes: true, recursive: true }))) ?? [];
  return entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !isUnfinishedLink(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(isOfferedName)
    .sort();
}

/** What cannot be looked at, such as a link that leads nowhere or in circles, is not offered; the other files are. */
async function inspect(snapshot: OfferedSnapshot, path: string): Promise<OfferedFile | undefined> {
  try {
    const place = join(snapshot.folder, ...path.split('/'));
    const realPath = await realpath(place);
    const status = await stat(realPath);
    if (!mayServe(snapshot, realPath) || !status.isFile()) return undefined;
    const namedHash = await hashFromBlobName(snapshot, place);
    return { path, realPath, bytes: status.size, modified: status.mtimeMs, namedHash };
  } catch {
    return undefined;
  }
}

/** Only the snapshot itself, the repository's finished blobs and the finished blobs that all repositories share. */
function mayServe({ repository, folder }: OfferedSnapshot, realPath: string): boolean {
  if (realPath.startsWith(folder + sep))
    return isOfferedName(relative(folder, realPath).split(sep).join('/'));
  if (dirname(realPath) === join(repository.folder, 'blobs')) return /^[\w-]+$/.test(basename(realPath));
  const store = join(repository.cache, 'blobs');
  return realPath.startsWith(store + sep) && /^[0-9a-f]{2}[\\/][0-9a-f]{64}$/.test(relative(store, realPath));
}

/** A snapshot's link names its blob, and that is the digest. A blob may itself be a link into the shared store, where names mean something else. */
async function hashFromBlobName(
  { repository }: OfferedSnapshot,
  place: string,
): Promise<HubHash | undefined> {
  if (!(await lstat(place)).isSymbolicLink()) return undefined;
  const blob = resolve(dirname(place), await readlink(place));
  if (dirname(blob) !== join(repository.folder, 'blobs')) return undefined;
  return hashOf(basename(blob));
}
