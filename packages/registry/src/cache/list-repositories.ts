import { readdir } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { ifPresent } from '../file-errors.js';
import { blobEntries } from './blob-entries.js';
import { type CacheRepository, repositoryFolder } from './cache-paths.js';
import { listReferences } from './references.js';
import { isRepositoryId } from './repository-id.js';
import { snapshotFiles } from './snapshot-files.js';
import { type HubSnapshot, listSnapshots } from './snapshots.js';

/** A repository of models in the cache. */
export interface CachedRepository {
  readonly id: string;
  readonly folder: string;
  /** By commit. May be empty: nothing but an unfinished download is there. */
  readonly snapshots: readonly CachedSnapshot[];
  /** Of the files of all snapshots, each content once. */
  readonly bytes: number;
  /** What else takes space among the blobs: unfinished and refused downloads, contents that no snapshot has yet or any more. */
  readonly partialBytes: number;
}

/** A commit of a repository, as far as its files are in the cache. */
interface CachedSnapshot extends HubSnapshot {
  /** Branches and tags that pointed to the commit when they were last fetched. */
  readonly references: readonly string[];
  readonly files: readonly CachedFile[];
  /** Of its files, each content once. */
  readonly bytes: number;
}

interface CachedFile {
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Undefined for a link to nothing. */
  readonly bytes: number | undefined;
}

/**
 * The model repositories in a cache, by id. What a cache does not consist of is passed over, and so are repositories
 * that this user may not read. Content in the store that the Python client shares between repositories counts for each.
 *
 * @throws WebsslError `CHECKPOINT_FILE_UNREADABLE` when the cache itself cannot be read.
 */
export async function listRepositories(cache: string): Promise<readonly CachedRepository[]> {
  const names = (await ifPresent(cache, readdir(cache))) ?? [];
  const ids = names
    .filter((name) => name.startsWith('models--'))
    .map((name) => name.slice('models--'.length).replaceAll('--', '/'))
    .filter(isRepositoryId)
    .sort();
  const repositories = await Promise.all(ids.map((id) => readableRepository({ cache, id })));
  return repositories.filter((repository) => repository !== undefined);
}

async function readableRepository(repository: CacheRepository): Promise<CachedRepository | undefined> {
  try {
    return await cachedRepository(repository);
  } catch (error) {
    if (WebsslError.isInstance(error, 'CHECKPOINT_FILE_UNREADABLE')) return undefined;
    throw error;
  }
}

async function cachedRepository(repository: CacheRepository): Promise<CachedRepository | undefined> {
  const folder = repositoryFolder(repository);
  if ((await ifPresent(folder, readdir(folder))) === undefined) return undefined;
  const references = await listReferences(repository);
  const contents: Content[] = [];
  const snapshots: CachedSnapshot[] = [];
  for (const snapshot of await listSnapshots(repository.cache, repository.id)) {
    const files = await snapshotFiles(snapshot.folder);
    contents.push(...files);
    snapshots.push({
      ...snapshot,
      references: references.filter(({ commit }) => commit === snapshot.commit).map(({ name }) => name),
      files: files.map(({ path, bytes }) => ({ path, bytes })),
      bytes: bytesOfAll(files),
    });
  }
  const linked = new Set(contents.map(({ identity }) => identity));
  const others = (await blobEntries(repository)).filter(({ identity }) => !linked.has(identity));
  return {
    id: repository.id,
    folder,
    snapshots,
    bytes: bytesOfAll(contents),
    partialBytes: bytesOfAll(others),
  };
}

interface Content {
  readonly identity: string | undefined;
  readonly bytes: number | undefined;
}

function bytesOfAll(contents: readonly Content[]): number {
  const bytesOfContent = new Map(contents.map(({ identity, bytes }) => [identity, bytes ?? 0]));
  return [...bytesOfContent.values()].reduce((total, bytes) => total + bytes, 0);
}
