import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { isCommit } from '../cache/cache-paths.js';
import { readReference } from '../cache/references.js';
import { isRepositoryId } from '../cache/repository-id.js';
import { ifPresent } from '../file-errors.js';
import { notFound } from './request-refusal.js';

/** A model repository of the cache. */
export interface OfferedRepository {
  /** `organisation/name`, or `name` alone for the hub's oldest models. */
  readonly id: string;
  /** The cache, with all links resolved. */
  readonly cache: string;
  readonly folder: string;
  /** Every commit of which there is a snapshot folder. */
  readonly commits: readonly string[];
}

/** A repository at one commit. */
export interface OfferedSnapshot {
  readonly repository: OfferedRepository;
  readonly commit: string;
  readonly folder: string;
}

const folderPrefix = 'models--';

/** The model repositories of a cache that have a snapshot, by id. */
export async function listRepositories(cacheFolder: string): Promise<readonly OfferedRepository[]> {
  const cache = await realpath(cacheFolder);
  const names = await subfolders(cache);
  const repositories = await Promise.all(names.map((name) => readRepository(cache, name)));
  return repositories.filter((repository) => repository !== undefined).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * One repository. Its folder is one that listing the cache gave, so an id can lead nowhere else.
 * @throws RequestRefusal 404 where the cache has none of this id.
 */
export async function findRepository(cacheFolder: string, id: string): Promise<OfferedRepository> {
  const cache = await realpath(cacheFolder);
  const name = (await subfolders(cache)).find((folder) => idOfFolder(folder) === id);
  const repository = name === undefined ? undefined : await readRepository(cache, name);
  if (repository === undefined) {
    throw notFound('RepoNotFound', `The cache that is offered here has no model ${id}`);
  }
  return repository;
}

/**
 * What a branch, tag or commit stands for. A repository that was fetched at a pinned commit has no `refs/main`; where it
 * holds a single commit, `main` means that one, because clients ask for `main` unless told otherwise and there is
 * nothing else it could mean.
 *
 * @throws RequestRefusal 404 that names the commits that are there.
 */
export async function findRevision(
  repository: OfferedRepository,
  revision: string,
): Promise<OfferedSnapshot> {
  const { id, folder, commits } = repository;
  const referenced = isCommit(revision) ? revision : await commitOfReference(repository, revision);
  const only = revision === 'main' && commits.length === 1 ? commits[0] : undefined;
  const commit = referenced ?? only;
  if (commit === undefined || !commits.includes(commit)) {
    const what =
      referenced === undefined || referenced === revision
        ? `${id} has no revision ${revision} here`
        : `Revision ${revision} of ${id} is commit ${referenced}, of which no file is here`;
    throw notFound('RevisionNotFound', `${what}. Commits that are here: ${commits.join(', ')}`);
  }
  return { repository, commit, folder: join(folder, 'snapshots', commit) };
}

function idOfFolder(name: string): string | undefined {
  const id = name.slice(folderPrefix.length).replaceAll('--', '/');
  return name.startsWith(folderPrefix) && isRepositoryId(id) ? id : undefined;
}

async function readRepository(cache: string, name: string): Promise<OfferedRepository | undefined> {
  const id = idOfFolder(name);
  if (id === undefined) return undefined;
  const folder = join(cache, name);
  const commits = (await subfolders(join(folder, 'snapshots'))).filter(isCommit);
  return commits.length === 0 ? undefined : { id, cache, folder, commits: commits.sort() };
}

/** Names of the real folders in a folder; links to folders are left out. */
async function subfolders(folder: string): Promise<string[]> {
  const entries = (await ifPresent(folder, readdir(folder, { withFileTypes: true }))) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Undefined also for a text that no revision can be: to a client, that is one that is not here. */
async function commitOfReference(
  repository: OfferedRepository,
  revision: string,
): Promise<string | undefined> {
  try {
    return await readReference(repository, revision);
  } catch (error) {
    if (WebsslError.isInstance(error, 'MODEL_REVISION_INVALID')) return undefined;
    throw error;
  }
}
