import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type ModelSource, WebsslError } from '@webssl/backend';
import { type CompilationPlan, planKey } from './compilation-plan.js';
import { acquireCompileLock } from './compile-lock.js';
import { compileModel } from './compile-model.js';
import { compilerArguments } from './compiler-arguments.js';
import { writingTo } from './file-errors.js';
import type { Compiler } from './find-compiler.js';
import { makeFolder } from './make-folder.js';
import type { OfflineModel } from './manifest.js';
import { readOfflineModel } from './read-offline-model.js';
import { requireFit } from './required-fit.js';

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
  const target = cachePlace(fingerprint, plan, compiler.version, cacheFolder);
  const present = await readFitting(source, fingerprint, plan, target);
  if (present !== undefined) return present;
  const advice = 'Choose another folder with the option cacheFolder, or with WEBSSL_CACHE.';
  return writingTo(cacheFolder, advice, async () => {
    await makeFolder(dirname(target));
    const release = await acquireCompileLock(`${target}.lock`, {
      ...(signal && { signal }),
      onWait: () => onCompilerLine?.('webssl: another process is compiling this model; waiting for it'),
    });
    try {
      return (
        (await readFitting(source, fingerprint, plan, target)) ??
        (await compileInto(target, source, plan, compiler, {
          cacheFolder,
          ...(onCompilerLine && { onCompilerLine }),
          ...(signal && { signal }),
        }))
      );
    } finally {
      await release();
    }
  });
}

/** In a folder beside the target, which gets its name when everything is in it. The caller holds the lock. */
async function compileInto(
  target: string,
  source: ModelSource,
  plan: CompilationPlan,
  compiler: Compiler,
  { cacheFolder, onCompilerLine, signal }: CacheUse,
): Promise<OfflineModel> {
  await removeLeftovers(target);
  const folder = `${target}.${randomUUID()}.part`;
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
      ...(onCompilerLine && { onCompilerLine }),
      ...(signal && { signal }),
    });
    await rename(folder, target);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return readOfflineModel(target);
}

/** What a process left that died while it compiled, and a model that is no longer whole. */
async function removeLeftovers(target: string): Promise<void> {
  const siblings = await readdir(dirname(target));
  const own = siblings.filter(
    (name) =>
      name === basename(target) || (name.startsWith(`${basename(target)}.`) && name.endsWith('.part')),
  );
  await Promise.all(own.map((name) => rm(join(dirname(target), name), { recursive: true, force: true })));
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
