import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ModelSource, WebsslError } from '@webssl/backend';
import { type CompilationPlan, planKey } from './compilation-plan.js';
import { acquireCompileLock, type CompileLock } from './compile-lock.js';
import { compileModel } from './compile-model.js';
import { compilerArguments } from './compiler-arguments.js';
import { hasCode, writingTo } from './file-errors.js';
import { type Compiler, unknownVersion } from './find-compiler.js';
import { makeFolder } from './make-folder.js';
import type { OfflineModel } from './manifest.js';
import { partFolder, removeAbandonedParts } from './part-folder.js';
import { readOfflineModel } from './read-offline-model.js';
import { requireFit } from './required-fit.js';
import { syncTree } from './sync-tree.js';

/** Where a compilation looks, and whom it tells. */
export interface CacheUse {
  readonly cacheFolder: string;
  readonly onCompilerLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The folder for compiled models: `$WEBSSL_CACHE/ascend`, else `$XDG_CACHE_HOME/webssl/ascend`, else `~/.cache/webssl/ascend`.
 */
export function defaultCacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const cache = environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache');
  return join(environment['WEBSSL_CACHE'] || join(cache, 'webssl'), 'ascend');
}

/** The folder in a cache for operators that the compiler has compiled. */
export function operatorCache(cacheFolder: string): string {
  return join(cacheFolder, 'operators');
}

/**
 * An offline model in the cache that gives what a plan asks for: rather one with the same batch sizes, and rather a new one. It
 * may give more, and any version of the compiler may have made it: later versions of the library run what earlier ones compiled.
 * @returns undefined where there is none that is whole
 */
export async function fittingModel(
  source: ModelSource,
  fingerprint: string,
  plan: CompilationPlan,
  cacheFolder: string,
): Promise<OfflineModel | undefined> {
  const folders = await Promise.all(
    (await namesIn(cacheFolder)).map((key) => finished(join(cacheFolder, key))),
  );
  const found = await Promise.all(
    folders.flat().map((folder) => readFitting(source, fingerprint, plan, folder)),
  );
  const isExact = ({ manifest }: OfflineModel) => manifest.batchSizes.join() === plan.batchSizes.join();
  return found
    .filter((model) => model !== undefined)
    .sort(
      (a, b) =>
        Number(isExact(b)) - Number(isExact(a)) || b.manifest.created.localeCompare(a.manifest.created),
    )[0];
}

async function finished(place: string): Promise<readonly string[]> {
  const names = await namesIn(place);
  return names
    .filter((name) => name.startsWith('cann-') && !/\.(?:lock|log|part)$/.test(name))
    .map((name) => join(place, name));
}

/** Nothing where there is no such folder: a cache need not exist. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** Where the offline model of a plan lies in a cache. */
export function cachePlace(
  fingerprint: string,
  plan: CompilationPlan,
  compilerVersion: string,
  cacheFolder: string,
): string {
  const version = compilerVersion.replace(/[^\w.+-]/g, '_');
  return join(cacheFolder, planKey(fingerprint, plan, compilerArguments(plan)), `cann-${version}`);
}

/**
 * The offline model of a plan, from the cache or compiled into it. Of several processes that want the same one at once, one
 * compiles and the others wait for it.
 * @throws WebsslError `BACKEND_FOLDER_UNWRITABLE`, `BACKEND_DISK_FULL`, and as {@link compileModel}; the signal's reason.
 */
export async function compiledIntoCache(
  source: ModelSource,
  fingerprint: string,
  plan: CompilationPlan,
  compiler: Compiler,
  { cacheFolder, onCompilerLine, signal }: CacheUse,
): Promise<OfflineModel> {
  const target = cachePlace(fingerprint, plan, await versionOf(compiler), cacheFolder);
  const find = () => readFitting(source, fingerprint, plan, target);
  const present = await find();
  if (present !== undefined) return present;
  const advice = 'Choose another folder with the option cacheFolder, or with WEBSSL_CACHE.';
  return writingTo(cacheFolder, advice, async () => {
    await makeFolder(dirname(target));
    const lock = await acquireCompileLock(`${target}.lock`, {
      ...(signal && { signal }),
      onWait: () => onCompilerLine?.('webssl: another process is compiling this model; waiting for it'),
    });
    try {
      return (
        (await find()) ??
        (await compileInto(target, source, plan, compiler, {
          lock,
          find,
          cacheFolder,
          ...(onCompilerLine && { onCompilerLine }),
          ...(signal && { signal }),
        }))
      );
    } finally {
      await lock.release();
    }
  });
}

/** Without a version, an update of the compiler shows in its file. */
async function versionOf({ path, version }: Compiler): Promise<string> {
  if (version !== unknownVersion) return version;
  const { size, mtimeMs } = await stat(path);
  return `${unknownVersion}-${size}-${Math.trunc(mtimeMs)}`;
}

interface CompilationIntoCache extends CacheUse {
  readonly lock: CompileLock;
  /** Looks for the model under the target's name. */
  readonly find: () => Promise<OfflineModel | undefined>;
}

/** In a folder beside the target, which gets its name when everything is in it. */
async function compileInto(
  target: string,
  source: ModelSource,
  plan: CompilationPlan,
  compiler: Compiler,
  { lock, find, cacheFolder, onCompilerLine, signal }: CompilationIntoCache,
): Promise<OfflineModel> {
  await removeAbandonedParts(target);
  // A model that is no longer whole.
  await rm(target, { recursive: true, force: true });
  const folder = partFolder(target);
  const log = `${target}.log`;
  await rm(log, { force: true });
  await mkdir(folder);
  try {
    await compileModel(source, plan, {
      compiler,
      folder,
      log,
      operatorCache: operatorCache(cacheFolder),
      // A link to them would keep a model on the disk that its owner has removed.
      keepWeights: false,
      onCompilerStart: lock.noteCompiler,
      ...(onCompilerLine && { onCompilerLine }),
      ...(signal && { signal }),
    });
    await syncTree(folder);
    await rename(folder, target);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    // Another took this process for dead, and was quicker.
    const other = hasCode(error, ['ENOTEMPTY', 'EEXIST', 'ENOENT']) ? await find() : undefined;
    if (other !== undefined) return other;
    throw error;
  }
  return readOfflineModel(target);
}

async function readFitting(
  source: ModelSource,
  fingerprint: string,
  plan: CompilationPlan,
  folder: string,
): Promise<OfflineModel | undefined> {
  try {
    const model = await readOfflineModel(folder);
    requireFit(source, fingerprint, plan, model);
    return model;
  } catch (error) {
    // Whatever is not whole is made anew.
    if (WebsslError.isInstance(error)) return undefined;
    throw error;
  }
}
