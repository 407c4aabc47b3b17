import { readdir, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { ifPresent } from '../file-errors.js';
import { isDigest } from './cache-paths.js';
import { isUnfinishedLink } from './link-snapshot-file.js';

/** A file of a snapshot as it lies on disk. */
export interface SnapshotFile {
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Where it lies in the snapshot. */
  readonly file: string;
  /** Name of the blob that it links to, the digest of its content; undefined for a file that is no such link. */
  readonly digest: string | undefined;
  /** Undefined for a link to nothing. */
  readonly bytes: number | undefined;
  /** The same for all names of one content on disk; undefined for a link to nothing. */
  readonly identity: string | undefined;
}

/** The files of a snapshot, by path. Links are followed; folders behind links, and what is no file, are left out. */
export async function snapshotFiles(folder: string): Promise<readonly SnapshotFile[]> {
  const entries = (await ifPresent(folder, readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
  const files = await Promise.all(
    entries
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !isUnfinishedLink(entry.name))
      .map(async (entry) => {
        const file = join(entry.parentPath, entry.name);
        const found = await ifPresent(file, stat(file, { bigint: true }));
        if (found !== undefined && !found.isFile()) return [];
        return [
          {
            path: relative(folder, file).replaceAll(sep, '/'),
            file,
            digest: entry.isSymbolicLink() ? await blobName(file) : undefined,
            bytes: found && Number(found.size),
            identity: found && `${found.dev}:${found.ino}`,
          },
        ];
      }),
  );
  return files.flat().sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Only the first link counts: a blob may be a link itself, into the Python client's shared store, whose names are no digests. */
async function blobName(file: string): Promise<string | undefined> {
  const target = await ifPresent(file, readlink(file));
  if (target === undefined || basename(dirname(target)) !== 'blobs') return undefined;
  return isDigest(basename(target)) ? basename(target) : undefined;
}
