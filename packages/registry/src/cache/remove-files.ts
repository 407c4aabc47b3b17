import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifPresent } from '../file-errors.js';

/**
 * Removes a file, or a folder with all that is in it; links are removed, never followed.
 * @returns the bytes that it frees: none for a link, nor for a file that has another name as well
 */
export async function removeTree(path: string): Promise<number> {
  const bytes = await bytesBelow(path);
  await rm(path, { recursive: true, force: true });
  return bytes;
}

async function bytesBelow(path: string): Promise<number> {
  const found = await ifPresent(path, lstat(path));
  if (found?.isFile()) return found.nlink > 1 ? 0 : bytesOnDisk(found);
  if (!found?.isDirectory()) return 0;
  const names = (await ifPresent(path, readdir(path))) ?? [];
  const sizes = await Promise.all(names.map((name) => bytesBelow(join(path, name))));
  return sizes.reduce((total, size) => total + size, 0);
}

/** Less than its length where a file has holes, as a partial download may. */
function bytesOnDisk({ size, blocks }: { readonly size: number; readonly blocks: number }): number {
  return Math.min(size, blocks * 512);
}

/** Removes a folder that is empty, then the one above it, as far as `top`, which stays. */
export async function removeEmptyFolders(folder: string, top: string): Promise<void> {
  for (let path = folder; path !== top && path.startsWith(top); path = dirname(path)) {
    try {
      await rmdir(path);
    } catch (error) {
      if (error instanceof Error && 'code' in error && keptCodes.has(error.code)) return;
      throw error;
    }
  }
}

// What is not empty (EEXIST on some systems), gone already, or a link that somebody has made to a folder elsewhere.
const keptCodes: ReadonlySet<unknown> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR']);
