import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { cachePlace, defaultCacheFolder } from './cached-offline-model.js';
import { compilationPlan } from './compilation-plan.js';
import { acquireCompileLock } from './compile-lock.js';
import { graphFolder } from './compiler-arguments.js';
import { writingTo } from './file-errors.js';
import { unknownVersion } from './find-compiler.js';
import { hashFile } from './hash-file.js';
import { hostCpuOf } from './host-cpu.js';
import { makeFolder } from './make-folder.js';
import { manifestName, type OfflineModel, type OfflineModelManifest } from './manifest.js';
import { invalidOfflineModel } from './offline-model-file.js';
import { orAborted } from './or-aborted.js';
import { partFolder, removeAbandonedParts } from './part-folder.js';
import { pendingName, readPendingManifest } from './pending-manifest.js';
import { copyWhole } from './place-file.js';
import { readOfflineModel } from './read-offline-model.js';
import { replaceFolder } from './replace-folder.js';
import { syncTree } from './sync-tree.js';
import { graphName } from './write-graph.js';
import { writeJson, writeManifest } from './write-manifest.js';

export interface AdoptOptions {
  /** Default: `$WEBSSL_CACHE/ascend`, else `$XDG_CACHE_HOME/webssl/ascend`, else `~/.cache/webssl/ascend`. */
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
}

/**
 * Takes an offline model that was made elsewhere into this machine's cache, where the backend finds it without being told. A
 * folder that was exported without the compiler, and in which it has run since, gets its manifest first. Files are hashed
 * and copied: what happens to the folder later does not change the cache. What the cache had in its place goes when all is there.
 *
 * @returns the offline model in the cache
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_INVALID`, `BACKEND_FOLDER_UNWRITABLE`, `BACKEND_DISK_FULL`, `BACKEND_ABORTED`.
 */
export async function adoptOfflineModel(
  path: string,
  { cacheFolder = defaultCacheFolder(), signal }: AdoptOptions = {},
): Promise<OfflineModel> {
  return orAborted('Adopting the offline model', signal, async () => {
    const isNew = await completeManifest(path, signal);
    const model = await readOfflineModel(path);
    if (!isNew) await checkHashes(model, signal);
    const advice = 'Choose another folder with WEBSSL_CACHE.';
    return writingTo(cacheFolder, advice, () => keep(model, cacheFolder, signal));
  });
}

/** Whether the folder had none before. */
async function completeManifest(path: string, signal: AbortSignal | undefined): Promise<boolean> {
  const pending = await readPendingManifest(path);
  if (pending === undefined) return false;
  await writingTo(path, 'Make it writable for this user.', async () => {
    await writeManifest(path, { ...pending, compilerVersion: unknownVersion }, signal);
    await rm(join(path, pendingName));
  });
  return true;
}

/** What came over a network or from a stick may have the right length and wrong bytes. */
async function checkHashes(
  { folder, manifest }: OfflineModel,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { path, sha256 } of manifest.files) {
    const found = await hashFile(join(folder, path), signal);
    if (found.sha256 === sha256) continue;
    throw invalidOfflineModel(
      folder,
      `the content of ${path} is not what was exported; copy the folder again`,
    );
  }
}

async function keep(
  { folder, manifest }: OfflineModel,
  cacheFolder: string,
  signal: AbortSignal | undefined,
): Promise<OfflineModel> {
  const hostCpu = hostCpuOf(manifest.command);
  const plan = compilationPlan({ ...manifest, ...(hostCpu && { hostCpu }) });
  const target = cachePlace(manifest.model.fingerprint, plan, manifest.compilerVersion, cacheFolder);
  await makeFolder(dirname(target));
  const lock = await acquireCompileLock(`${target}.lock`, signal && { signal });
  const part = partFolder(target);
  try {
    await removeAbandonedParts(target);
    await mkdir(part);
    const files = manifest.files.filter(isKept);
    for (const { path } of files) {
      signal?.throwIfAborted();
      await copyWhole(join(folder, path), join(part, path));
    }
    await writeJson(join(part, manifestName), { ...manifest, files });
    await readOfflineModel(part);
    await syncTree(part);
    await replaceFolder(part, target);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  } finally {
    await lock.release();
  }
  return readOfflineModel(target);
}

/** All but the weights that the graph points to: the device does not need them. */
function isKept({ path }: OfflineModelManifest['files'][number]): boolean {
  return !path.startsWith(`${graphFolder}/`) || path === posix.join(graphFolder, graphName);
}
