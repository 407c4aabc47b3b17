import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { type Environment, homeFolder } from './cache-folder.js';
import { ifPresent } from './file-errors.js';

/** A revision of a hub repository in the Hugging Face cache. */
export interface HubSnapshot {
  /** The folder with the files (often symbolic links), `snapshots/<commit>` of the repository. */
  readonly folder: string;
  readonly commit: string;
}

const commitPattern = /^[0-9a-f]{40}$/;

/**
 * The folder of the Hugging Face cache, as its Python client finds it: `HF_HUB_CACHE`, else `HUGGINGFACE_HUB_CACHE`,
 * else `$HF_HOME/hub`, else `$XDG_CACHE_HOME/huggingface/hub`, else `~/.cache/huggingface/hub`. A leading `~` and
 * `$NAME`, `${NAME}` are replaced; `~user` is not. Empty variables count as unset.
 */
export function hubCacheFolder(environment: Environment = process.env): string {
  const named = environment['HF_HUB_CACHE'] || environment['HUGGINGFACE_HUB_CACHE'];
  if (named) return expand(named, environment);
  const home =
    environment['HF_HOME'] ||
    join(environment['XDG_CACHE_HOME'] || join(homeFolder(environment), '.cache'), 'huggingface');
  return join(expand(home, environment), 'hub');
}

/** Whether a text has the form `organisation/name` of a hub repository. */
export function isHubId(text: string): boolean {
  return /^\w[\w.-]*\/\w[\w.-]*$/.test(text) && !/--|\.\./.test(text);
}

/**
 * A revision (branch, tag or commit) of a repository in the cache; undefined when it is not there. Only reads.
 * @throws WebsslError `MODEL_REVISION_INVALID` for a text that cannot be a revision.
 */
export async function findSnapshot(
  cache: string,
  id: string,
  revision: string,
): Promise<HubSnapshot | undefined> {
  const repository = repositoryFolder(cache, id);
  const commit = commitPattern.test(revision) ? revision : await readReference(repository, revision);
  if (commit === undefined) return undefined;
  const folder = join(repository, 'snapshots', commit);
  return (await isFolder(folder)) ? { folder, commit } : undefined;
}

/** Every commit of a repository in the cache. */
export async function listSnapshots(cache: string, id: string): Promise<readonly HubSnapshot[]> {
  const folder = join(repositoryFolder(cache, id), 'snapshots');
  const names = await ifPresent(folder, readdir(folder));
  return (names ?? [])
    .filter((name) => commitPattern.test(name))
    .map((commit) => ({ folder: join(folder, commit), commit }));
}

/** The commit that a folder of the cache holds; undefined for folders elsewhere. */
export function commitOfFolder(realFolder: string): string | undefined {
  return /[\\/]models--[^\\/]+[\\/]snapshots[\\/]([0-9a-f]{40})$/.exec(realFolder)?.[1];
}

async function isFolder(path: string): Promise<boolean> {
  return (await ifPresent(path, stat(path)))?.isDirectory() ?? false;
}

function repositoryFolder(cache: string, id: string): string {
  return join(cache, `models--${id.replace('/', '--')}`);
}

async function readReference(repository: string, revision: string): Promise<string | undefined> {
  const parts = revision.split('/');
  if (parts.some((part) => !/^\w[\w.+-]*$/.test(part))) {
    throw new WebsslError({
      code: 'MODEL_REVISION_INVALID',
      message: `'${revision}' is not a revision: expected a branch, a tag or a commit of 40 hexadecimal digits`,
      details: { revision },
    });
  }
  const file = join(repository, 'refs', ...parts);
  const commit = (await ifPresent(file, readFile(file, 'utf8')))?.trim();
  return commit !== undefined && commitPattern.test(commit) ? commit : undefined;
}

/** Python's `expandvars(expanduser(path))`: unknown variables stay as they are. */
function expand(path: string, environment: Environment): string {
  return path
    .replace(/^~(?=$|[\\/])/, () => homeFolder(environment))
    .replace(
      /\$(?:(\w+)|\{([^}]*)\})/g,
      (whole, plain: string | undefined, braced: string | undefined) =>
        environment[plain ?? braced ?? ''] ?? whole,
    );
}
