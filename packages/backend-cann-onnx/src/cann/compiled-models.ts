import { mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { isOfflineModel } from './offline-model-file.js';
import { flush, placeFile } from './place-file.js';
import { makeWorkingFolder, removeAbandoned, tryToRemove } from './working-folder.js';

/**
 * The models that CANN compiled of one graph, one for each batch size. CANN reads and writes them in the working folder of the
 * process; each process has one of its own here, so that none reads what another is still writing.
 */
export class CompiledModels {
  readonly #cacheFolder: string;
  readonly #shared: string;
  #folder: string | undefined;
  /** Names of the files in the working folder that are in the cache too. */
  readonly #known = new Set<string>();
  /** Whether one of the files in the cache cannot be loaded: what is compiled next tells which. */
  #suspicious = false;

  /** @throws WebsslError `CANN_CACHE_UNUSABLE` where the folder cannot be written. */
  constructor(cacheFolder: string, key: string) {
    this.#cacheFolder = cacheFolder;
    this.#shared = join(cacheFolder, key);
    this.#prepare();
  }

  /**
   * Makes the working folder the one of the process. One that was deleted is made again.
   * @throws WebsslError `CANN_CACHE_UNUSABLE`
   */
  enter(): void {
    const folder = this.#folder ?? this.#prepare();
    try {
      const now = new Date();
      // Tells those who cannot see this process that it lives.
      utimesSync(folder, now, now);
      process.chdir(folder);
    } catch {
      process.chdir(this.#prepare());
    }
  }

  /**
   * Takes what a call has left into the cache; after a call that failed removes it, because a file that was not saved stays empty.
   * Never throws: where the cache cannot be written, the model is compiled again another time.
   */
  collect(succeeded: boolean): void {
    const folder = this.#folder;
    if (folder === undefined) return;
    for (const name of compiledIn(folder).filter((name) => !this.#known.has(name))) {
      const file = join(folder, name);
      if (succeeded && this.#publish(file, name)) this.#known.add(name);
      else tryToRemove(file);
    }
    if (!this.#suspicious) return;
    this.#suspicious = false;
    this.#takeFromCache(folder);
  }

  /**
   * Takes the files of the cache out of sight, because one of them cannot be loaded: the next call compiles, and what it leaves
   * replaces the bad one.
   * @returns false where there were none, and another call would do no better
   */
  distrust(): boolean {
    const folder = this.#folder;
    if (folder === undefined || this.#known.size === 0) return false;
    for (const name of this.#known) tryToRemove(join(folder, name));
    this.#known.clear();
    this.#suspicious = true;
    return true;
  }

  /** Removes the working folder; what is in the cache stays. */
  readonly release = (): void => {
    const folder = this.#folder;
    if (folder === undefined) return;
    this.#folder = undefined;
    try {
      // What CANN still writes when it ends does no harm there.
      process.chdir(this.#cacheFolder);
    } catch {
      process.chdir('/');
    }
    tryToRemove(folder);
  };

  #prepare(): string {
    try {
      mkdirSync(this.#shared, { recursive: true });
      removeAbandoned(this.#shared);
      const folder = makeWorkingFolder(this.#shared);
      this.#folder = folder;
      this.#known.clear();
      this.#takeFromCache(folder);
      return folder;
    } catch (cause) {
      const advice = 'Name another folder in WEBSSL_CACHE or the option cacheFolder.';
      throw new WebsslError({
        code: 'CANN_CACHE_UNUSABLE',
        message: `What CANN compiles cannot be kept in ${this.#cacheFolder}: ${cause instanceof Error ? cause.message : String(cause)}. ${advice}`,
        cause,
        details: { cacheFolder: this.#cacheFolder, advice },
      });
    }
  }

  /** Brings the models of the cache into the working folder, and removes from the cache what is none. */
  #takeFromCache(folder: string): void {
    for (const name of compiledIn(this.#shared).filter((name) => !this.#known.has(name))) {
      const file = join(this.#shared, name);
      try {
        if (isOfflineModel(file)) {
          placeFile(file, join(folder, name), join(folder, `${name}.partial`));
          this.#known.add(name);
        } else {
          rmSync(file);
        }
      } catch {
        // Gone meanwhile, or not readable: compiled anew where it is wanted.
      }
    }
  }

  #publish(file: string, name: string): boolean {
    try {
      if (!isOfflineModel(file)) return false;
      flush(file);
      placeFile(file, join(this.#shared, name), `${file}.partial`);
      return true;
    } catch {
      return false;
    }
  }
}

/** Names of the files that look like compiled models; none where the folder is gone. */
function compiledIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.om'))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
