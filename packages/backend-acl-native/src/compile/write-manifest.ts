import { open, readdir, realpath, rename } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { graphFolder, operatorPrecisionFile, weightFolder } from './compiler-arguments.js';
import { hashFile } from './hash-file.js';
import { manifestName, type OfflineModelManifest } from './manifest.js';
import { checkOfflineModel, findOfflineModel, invalidOfflineModel } from './offline-model-file.js';
import { ownFileBytes } from './own-file.js';

/** What a manifest says besides what is found in the folder. */
export type ManifestOrigin = Omit<OfflineModelManifest, 'format' | 'offlineModel' | 'files' | 'created'>;

/**
 * Checks what the compiler left in a folder, hashes it and writes the manifest: the last file, whose presence says that all
 * others are there.
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_INVALID`; the signal's reason; errors of the file system.
 */
export async function writeManifest(
  folder: string,
  origin: ManifestOrigin,
  signal?: AbortSignal,
): Promise<OfflineModelManifest> {
  const offlineModel = await findOfflineModel(folder);
  if (offlineModel === undefined) throw invalidOfflineModel(folder, 'there is no .om file in it');
  const paths = await belongings(folder, offlineModel);
  const root = await realpath(folder);
  for (const path of paths) await ownFileBytes(root, path);
  await checkOfflineModel(join(folder, offlineModel));
  const hasWeights = paths.some((path) => path.startsWith(`${weightFolder}/`));
  if (!hasWeights) throw invalidOfflineModel(folder, `the folder ${weightFolder} beside the .om is missing`);
  const files: OfflineModelManifest['files'] = [];
  for (const path of paths) files.push({ path, ...(await hashFile(join(folder, path), signal)) });
  const manifest: OfflineModelManifest = {
    format: 1,
    ...origin,
    offlineModel,
    files,
    created: new Date().toISOString(),
  };
  await writeJson(join(folder, manifestName), manifest);
  return manifest;
}

/** Writes a JSON file that is there whole or not at all. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const part = `${file}.part`;
  const handle = await open(part, 'w');
  try {
    await handle.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
}

/** What belongs to an offline model: not what the compiler drops beside it for those who debug it. */
async function belongings(folder: string, offlineModel: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory() && (entry.name === graphFolder || entry.name === weightFolder)) {
      paths.push(...(await filesBelow(folder, entry.name)));
    } else if (entry.name === offlineModel || entry.name === operatorPrecisionFile) {
      paths.push(entry.name);
    }
  }
  return paths.sort();
}

async function filesBelow(root: string, path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true });
  const nested = entries.map(async (entry) => {
    const inner = posix.join(path, entry.name);
    return entry.isDirectory() ? filesBelow(root, inner) : [inner];
  });
  return (await Promise.all(nested)).flat();
}
