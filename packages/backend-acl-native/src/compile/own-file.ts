import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { invalidOfflineModel } from './offline-model-file.js';

/**
 * Size of a file that belongs to the folder of an offline model. A link that leaves the folder is refused: what it points to may
 * change or go, and would not come along when the folder is copied.
 * @param folder its real path
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_INVALID`
 */
export async function ownFileBytes(folder: string, path: string): Promise<number> {
  const real = await realpath(join(folder, path)).catch((cause: unknown) => {
    throw invalidOfflineModel(folder, `${path} is missing`, cause);
  });
  if (!real.startsWith(`${folder}${sep}`)) {
    throw invalidOfflineModel(
      folder,
      `${path} is a link to ${real}, outside the folder; put the file itself there`,
    );
  }
  const found = await stat(real);
  if (!found.isFile()) throw invalidOfflineModel(folder, `${path} is missing: what has its name is no file`);
  return found.size;
}
