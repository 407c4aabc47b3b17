import { rename, rm } from 'node:fs/promises';
import { isMissing } from './file-errors.js';
import { partFolder } from './part-folder.js';

/**
 * Gives a folder the name of another, which is there as it was until then. What had the name is removed afterwards.
 * @throws errors of the file system; the old folder has its name back then.
 */
export async function replaceFolder(folder: string, target: string): Promise<void> {
  const old = partFolder(target);
  const wasThere = await rename(target, old).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
  try {
    await rename(folder, target);
  } catch (error) {
    if (wasThere) await rename(old, target);
    throw error;
  }
  if (wasThere) await rm(old, { recursive: true, force: true });
}
