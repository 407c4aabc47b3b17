import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPresent } from '../file-errors.js';
import { blobsFolder, type CacheRepository } from './cache-paths.js';

/** Something among the blobs of a repository that is named after a digest. */
export interface BlobEntry {
  readonly file: string;
  /** The content that it is, or is to become. */
  readonly digest: string;
  /** A partial is an unfinished or refused download, or what belongs to one: webssl's own, or another client's. */
  readonly kind: 'blob' | 'own partial' | 'foreign partial';
  /** Length of a blob, through links; of a partial what it takes of the disk, which may be less than its length. */
  readonly bytes: number;
  /** The same for all names of one content on disk; undefined for a link to nothing. */
  readonly identity: string | undefined;
}

const namePattern = /^([0-9a-f]{64}|[0-9a-f]{40})(?:(\.webssl)?(\..+))?$/;

/** Size of the units in which a file's use of the disk is told. */
const blockBytes = 512n;

/** What lies in the `blobs` of a repository, by name. */
export async function blobEntries(repository: CacheRepository): Promise<readonly BlobEntry[]> {
  const folder = blobsFolder(repository);
  const names = ((await ifPresent(folder, readdir(folder))) ?? []).sort();
  const entries = await Promise.all(names.map((name) => blobEntry(folder, name)));
  return entries.filter((entry) => entry !== undefined);
}

async function blobEntry(folder: string, name: string): Promise<BlobEntry | undefined> {
  const [, digest, own, suffix] = namePattern.exec(name) ?? [];
  const file = join(folder, name);
  // One that another process removes meanwhile is gone from both.
  const entry = digest === undefined ? undefined : await ifPresent(file, lstat(file));
  if (digest === undefined || entry === undefined || entry.isDirectory()) return undefined;
  const content = await ifPresent(file, stat(file, { bigint: true }));
  const length = content?.size ?? 0n;
  const onDisk = (content?.blocks ?? 0n) * blockBytes;
  const isPartial = suffix !== undefined;
  return {
    file,
    digest,
    kind: isPartial ? (own === undefined ? 'foreign partial' : 'own partial') : 'blob',
    bytes: Number(isPartial && onDisk < length ? onDisk : length),
    identity: content && `${content.dev}:${content.ino}`,
  };
}
