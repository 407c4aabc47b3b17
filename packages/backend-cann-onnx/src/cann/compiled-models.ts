import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';

const runningPrefix = 'running-';

/**
 * The models that CANN compiled of one graph, one for each batch size. CANN reads and writes them in the working folder of the
 * process; each process has one of its own here, so that none reads what another is still writing.
 */
export class CompiledModels {
  /** To work in while calls are made that concern the graph. */
  readonly folder: string;
  readonly #shared: string;
  /** Names of the files that both folders have. */
  readonly #known = new Set<string>();

  /** @throws WebsslError `CANN_CACHE_UNUSABLE` where the folder cannot be written. */
  constructor(cacheFolder: string, key: string) {
    this.#shared = join(cacheFolder, key);
    try {
      mkdirSync(this.#shared, { recursive: true });
      removeAbandoned(this.#shared);
      this.folder = mkdtempSync(join(this.#shared, `${runningName(process.pid)}-`));
      for (const name of compiledIn(this.#shared)) {
        share(join(this.#shared, name), join(this.folder, name));
        this.#known.add(name);
      }
    } catch (cause) {
      throw new WebsslError({
        code: 'CANN_CACHE_UNUSABLE',
        message:
          `What CANN compiles cannot be kept in ${cacheFolder}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
          'Name another folder in the option cacheFolder.',
        cause,
        details: { cacheFolder },
      });
    }
  }

  /** Takes what a call has left into the cache; after a call that failed removes it, because a file that was not saved stays empty. */
  collect(succeeded: boolean): void {
    for (const name of compiledIn(this.folder)) {
      if (this.#known.has(name)) continue;
      const file = join(this.folder, name);
      if (!succeeded || statSync(file).size === 0) {
        rmSync(file);
      } else {
        share(file, join(this.#shared, name));
        this.#known.add(name);
      }
    }
  }

  /** Removes the working folder; what is in the cache stays. */
  readonly release = (): void => {
    process.chdir(this.#shared);
    rmSync(this.folder, { recursive: true, force: true });
  };
}

function compiledIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.om'));
}

/** One file under two names, or a copy where the file system has no links. A file that is there already stays. */
function share(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    const partial = `${to}.${process.pid}.partial`;
    copyFileSync(from, partial);
    renameSync(partial, to);
  }
}

function runningName(processId: number): string {
  return `${runningPrefix}${hostname()}-${processId}`;
}

/** Removes the working folders of processes of this machine that were killed. */
function removeAbandoned(shared: string): void {
  const prefix = `${runningPrefix}${hostname()}-`;
  for (const name of readdirSync(shared)) {
    if (!name.startsWith(prefix)) continue;
    const processId = Number.parseInt(name.slice(prefix.length), 10);
    if (!isAlive(processId)) rmSync(join(shared, name), { recursive: true, force: true });
  }
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // It exists where it belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
