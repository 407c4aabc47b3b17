import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { isSafeRelativePath } from './relative-path.js';
import { isRepositoryId } from './repository-id.js';

/** A repository in a Hugging Face cache. It need not be there. */
export interface CacheRepository {
  /** Folder of the cache, as {@link hubCacheFolder} finds it. */
  readonly cache: string;
  /** `organisation/name`. */
  readonly id: string;
}

// Every path below is made of parts that were checked, so that no text from outside leads out of the cache.
// All throw `CACHE_PATH_INVALID`.

/** `models--<organisation>--<name>`. */
export function repositoryFolder({ cache, id }: CacheRepository): string {
  return join(cache, repositoryName(id));
}

export function blobsFolder(repository: CacheRepository): string {
  return join(repositoryFolder(repository), 'blobs');
}

/** The file of one content; partial downloads lie beside it, under its name and a suffix. */
export function blobFile(repository: CacheRepository, digest: string): string {
  requirePart(isDigest(digest), 'digest', digest, '40 or 64 lower-case hexadecimal digits');
  return join(blobsFolder(repository), digest);
}

export function snapshotsFolder(repository: CacheRepository): string {
  return join(repositoryFolder(repository), 'snapshots');
}

export function snapshotFolder(repository: CacheRepository, commit: string): string {
  requireCommit(commit);
  return join(snapshotsFolder(repository), commit);
}

/** @param path of the file inside the repository, with `/` */
export function snapshotFile(repository: CacheRepository, commit: string, path: string): string {
  requirePart(
    isSafeRelativePath(path),
    'path',
    path,
    'a path inside the repository that every system can hold',
  );
  return join(snapshotFolder(repository, commit), ...path.split('/'));
}

/** The file that holds the commit of a branch or tag. */
export function referenceFile(repository: CacheRepository, revision: string): string {
  requirePart(
    isSafeRelativePath(revision),
    'revision',
    revision,
    'a branch or tag that every system can hold',
  );
  return join(repositoryFolder(repository), 'refs', ...revision.split('/'));
}

export function locksFolder({ cache, id }: CacheRepository): string {
  return join(cache, '.locks', repositoryName(id));
}

/** What is locked while a blob is fetched. */
export function lockFile(repository: CacheRepository, digest: string): string {
  requirePart(isDigest(digest), 'digest', digest, '40 or 64 lower-case hexadecimal digits');
  return join(locksFolder(repository), `${digest}.lock`);
}

/** 40 hexadecimal digits in lower case: a commit, not a branch or tag. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** The digest of a content, as blobs are named: SHA-256 or Git's SHA-1. */
export function isDigest(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

export function requireCommit(commit: string): void {
  requirePart(isCommit(commit), 'commit', commit, '40 lower-case hexadecimal digits');
}

function repositoryName(id: string): string {
  requirePart(isRepositoryId(id), 'repository id', id, "'organisation/name'");
  return ['models', ...id.split('/')].join('--');
}

function requirePart(isValid: boolean, what: string, text: string, expected: string): void {
  if (isValid) return;
  throw new WebsslError({
    code: 'CACHE_PATH_INVALID',
    message: `${JSON.stringify(text)} cannot be the ${what} of something in the cache: expected ${expected}.`,
    details: { part: what, text },
  });
}
