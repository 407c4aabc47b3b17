import { closeSync, copyFileSync, fsyncSync, linkSync, openSync, renameSync } from 'node:fs';

/** The errors of a file system that has no links, or none between these two places. */
const withoutLinks = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Gives a file a second name, or copies it where the file system has no links. What had that name before is replaced, and nobody
 * sees half a file.
 * @param partial a name in a folder of this process, which goes with that folder where the process is killed here
 * @throws Error of the file system
 */
export function placeFile(from: string, to: string, partial: string): void {
  try {
    linkSync(from, partial);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && withoutLinks.has(String(error.code)))) throw error;
    copyFileSync(from, partial);
    flush(partial);
  }
  renameSync(partial, to);
}

/**
 * Waits until the contents of a file are on the disk.
 * @throws Error of the file system
 */
export function flush(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
