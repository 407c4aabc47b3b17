import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissing } from './file-errors.js';
import { manifestName, type OfflineModel, offlineModelManifest } from './manifest.js';
import { checkOfflineModel, invalidOfflineModel } from './offline-model-file.js';
import { ownFileBytes } from './own-file.js';
import { pendingName } from './pending-manifest.js';

/**
 * Reads the manifest of a folder and checks that every file is there, in the folder itself, with its size. Hashes are not computed: that would read
 * gigabytes at every start.
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_INVALID`
 */
export async function readOfflineModel(path: string): Promise<OfflineModel> {
  const folder = await realpath(path).catch((cause: unknown) => {
    throw invalidOfflineModel(path, 'there is no such folder', cause);
  });
  const manifest = parseManifest(folder, await manifestText(folder));
  for (const { path: inner, bytes } of manifest.files) {
    const found = await ownFileBytes(folder, inner);
    if (found !== bytes) throw invalidOfflineModel(folder, `${inner} has ${found} bytes instead of ${bytes}`);
  }
  await checkOfflineModel(join(folder, manifest.offlineModel));
  return { folder, manifest };
}

async function manifestText(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, manifestName), 'utf8');
  } catch (cause) {
    if (!isMissing(cause)) throw invalidOfflineModel(folder, `${manifestName} cannot be read`, cause);
    const isPending = await stat(join(folder, pendingName)).then(
      () => true,
      () => false,
    );
    throw invalidOfflineModel(
      folder,
      isPending
        ? 'it has been written but not compiled; run compile.sh in it where atc is, then webssl export om --adopt on it'
        : `there is no ${manifestName} in it`,
      cause,
    );
  }
}

/**
 * Reads a manifest's text.
 * @param folder where it is from, for the message
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_INVALID`
 */
export function parseManifest(folder: string, text: string): OfflineModel['manifest'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidOfflineModel(folder, `${manifestName} is not JSON`, cause);
  }
  const { success, data, error } = offlineModelManifest.safeParse(value);
  if (!success) throw invalidOfflineModel(folder, `${manifestName}: ${z.prettifyError(error)}`, error);
  const isListed = data.files.some(({ path }) => path === data.offlineModel);
  if (!isListed) throw invalidOfflineModel(folder, `${manifestName} does not list ${data.offlineModel}`);
  return data;
}
