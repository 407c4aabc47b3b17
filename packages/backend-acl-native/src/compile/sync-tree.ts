import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Waits until a folder with all that is in it is on the disk: a loss of power after the rename that follows must not leave
 * a folder of the right name with empty files.
 * @throws errors of the file system.
 */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncOne(path);
  }
  await syncOne(folder);
}

async function syncOne(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
