import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes of the files below a folder; links of either kind do not count twice. 0 where there is no such folder. Files that
 * disappear meanwhile count as nothing.
 */
export async function folderSize(folder: string): Promise<number> {
  const files = new Map<string, number>();
  await addFiles(folder, files);
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
}

async function addFiles(folder: string, files: Map<string, number>): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await addFiles(path, files);
    else if (entry.isFile()) {
      const status = await ifPresent(lstat(path));
      if (status !== undefined) files.set(`${status.dev}:${status.ino}`, status.size);
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return (await ifPresent(readdir(folder, { withFileTypes: true }))) ?? [];
}

async function ifPresent<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
