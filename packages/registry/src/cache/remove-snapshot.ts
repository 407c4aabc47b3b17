import { lstat, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifPresent } from '../file-errors.js';
import { type BlobEntry, blobEntries } from './blob-entries.js';
import {
  type CacheRepository,
  isDigest,
  lockFile,
  locksFolder,
  repositoryFolder,
  snapshotFolder,
  snapshotsFolder,
} from './cache-paths.js';
import { busy, whileLocked } from './lock-contents.js';
import { requireNoLinkBelow } from './make-folder.js';
import { listReferences } from './references.js';
import { removeEmptyFolders, removeTree } from './remove-files.js';
import { snapshotFiles } from './snapshot-files.js';
import { writingTo } from './write-problem.js';

/** What a removal has brought. */
export interface Removal {
  readonly freedBytes: number;
}

/**
 * Removes a commit's files from the cache: its snapshot, the branches and tags that point to it, the contents that no
 * other snapshot links to, and webssl's unfinished downloads. With the last snapshot goes all that clients keep of the
 * repository. Nothing outside of it is touched: of a content in the store that the Python client shares between
 * repositories only the link goes, and the store's own clean-up (`hf cache prune`) finds the rest. A commit that is not
 * there frees nothing.
 *
 * @throws WebsslError `CACHE_BUSY` while another process fetches files of the repository, `CACHE_UNWRITABLE`,
 * `CACHE_PATH_INVALID`.
 */
export async function removeSnapshot(repository: CacheRepository, commit: string): Promise<Removal> {
  const snapshot = snapshotFolder(repository, commit);
  const isThere = (await ifPresent(snapshot, lstat(snapshot))) !== undefined;
  return isThere ? remove(repository, commit) : { freedBytes: 0 };
}

/**
 * Removes webssl's unfinished downloads of a repository and contents that no snapshot links to; where it has no
 * snapshot, all that clients keep of it.
 *
 * @throws WebsslError as {@link removeSnapshot}.
 */
export async function removePartialDownloads(repository: CacheRepository): Promise<Removal> {
  return remove(repository, undefined);
}

async function remove(repository: CacheRepository, commit: string | undefined): Promise<Removal> {
  const folder = repositoryFolder(repository);
  if ((await ifPresent(folder, lstat(folder))) === undefined) return { freedBytes: 0 };
  for (const place of [...placesOf(commit), ...everyPlace])
    await requireNoLinkBelow(folder, join(folder, place));

  const first = await planRemoval(repository, commit);
  const digests = new Set(first.entries.map(({ digest }) => digest));
  if (first.isLast) for (const digest of await lockedBefore(repository)) digests.add(digest);
  const freedBytes = await whileLocked(repository, digests, async () => {
    // Another process may have linked or begun something before the locks were ours.
    const { entries, isLast } = await planRemoval(repository, commit);
    const begun = entries.find(({ digest }) => !digests.has(digest));
    if (begun !== undefined) throw busy(repository, begun.digest);
    const references = (await listReferences(repository)).filter((reference) => reference.commit === commit);
    // In this order, what points to something goes before it: whatever interrupts it, the cache stays sound.
    const doomed = isLast
      ? everyPlace.map((place) => join(folder, place))
      : [
          ...references.map(({ file }) => file),
          ...placesOf(commit).map((place) => join(folder, place)),
          ...entries.map(({ file }) => file),
        ];
    return writingTo(folder, async () => {
      let bytes = 0;
      for (const path of doomed) bytes += await removeTree(path);
      for (const { file } of references) await removeEmptyFolders(dirname(file), folder);
      if (isLast) {
        await removeEmptyFolders(folder, repository.cache);
        for (const digest of digests) await rm(lockFile(repository, digest), { force: true });
      }
      return bytes;
    });
  });
  if (first.isLast) await removeEmptyFolders(locksFolder(repository), dirname(locksFolder(repository)));
  return { freedBytes };
}

/** What clients keep of a repository, in the order in which it may be removed. */
const everyPlace = ['refs', 'snapshots', 'trees', '.no_exist', 'blobs'];

function placesOf(commit: string | undefined): readonly string[] {
  if (commit === undefined) return [];
  return [join('snapshots', commit), join('trees', `${commit}.json`), join('.no_exist', commit)];
}

interface RemovalPlan {
  /** Whether no snapshot stays. */
  readonly isLast: boolean;
  /** Blobs and partial downloads that nothing needs then. */
  readonly entries: readonly BlobEntry[];
}

async function planRemoval(repository: CacheRepository, commit: string | undefined): Promise<RemovalPlan> {
  const entries = await blobEntries(repository);
  const snapshots = snapshotsFolder(repository);
  // Also those that are named unlike the hub's commits, as another server may have them.
  const others = ((await ifPresent(snapshots, readdir(snapshots, { withFileTypes: true }))) ?? [])
    .filter((entry) => entry.name !== commit && !entry.isFile())
    .map((entry) => join(snapshots, entry.name));
  if (others.length === 0) return { isLast: true, entries };

  const files = (await Promise.all(others.map(snapshotFiles))).flat();
  const kept = new Set(files.flatMap(({ digest, identity }) => [digest, identity]));
  const isDoomed = ({ kind, digest, identity }: BlobEntry) =>
    kind === 'own partial' || (kind === 'blob' && !kept.has(digest) && !kept.has(identity));
  return { isLast: false, entries: entries.filter(isDoomed) };
}

async function lockedBefore(repository: CacheRepository): Promise<readonly string[]> {
  const folder = locksFolder(repository);
  const names = (await ifPresent(folder, readdir(folder))) ?? [];
  return names.map((name) => name.replace(/\.lock(?:\.webssl)?$/, '')).filter(isDigest);
}
