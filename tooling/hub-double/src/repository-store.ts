import { createHash } from 'node:crypto';
import type { HubDoubleRepository } from './options.js';
import { type StoredFile, storeFile } from './stored-file.js';

export interface StoredCommit {
  readonly commit: string;
  readonly files: ReadonlyMap<string, StoredFile>;
}

export interface StoredRepository {
  readonly description: HubDoubleRepository;
  readonly commits: readonly StoredCommit[];
  /** The commit that a branch, a tag or a commit names. */
  resolve(revision: string): StoredCommit | undefined;
}

/** @throws Error where a file on disk is not there, a commit is not 40 hexadecimal digits, or a name is given twice. */
export async function storeRepositories(
  descriptions: readonly HubDoubleRepository[],
): Promise<ReadonlyMap<string, StoredRepository>> {
  const repositories = new Map<string, StoredRepository>();
  for (const description of descriptions) {
    if (repositories.has(description.id)) throw new Error(`The repository ${description.id} is given twice`);
    repositories.set(description.id, await storeRepository(description));
  }
  return repositories;
}

async function storeRepository(description: HubDoubleRepository): Promise<StoredRepository> {
  const revisions = new Map<string, StoredCommit>();
  const commits: StoredCommit[] = [];
  for (const [index, { commit, references = [], files }] of description.commits.entries()) {
    const stored: StoredCommit = {
      commit: commit ?? derivedCommit(description.id, index),
      files: new Map(
        await Promise.all(
          Object.entries(files).map(async ([path, file]) => [path, await storeFile(path, file)] as const),
        ),
      ),
    };
    if (!/^[0-9a-f]{40}$/.test(stored.commit))
      throw new Error(
        `The commit ${stored.commit} of ${description.id} is not 40 lower-case hexadecimal digits`,
      );
    for (const name of [stored.commit, ...references]) {
      if (revisions.has(name)) throw new Error(`The revision ${name} of ${description.id} is given twice`);
      revisions.set(name, stored);
    }
    commits.push(stored);
  }
  const last = commits.at(-1);
  if (last !== undefined && !revisions.has('main')) revisions.set('main', last);
  return { description, commits, resolve: (revision) => revisions.get(revision) };
}

function derivedCommit(id: string, index: number): string {
  return createHash('sha1').update(`commit ${index} of ${id}`).digest('hex');
}
