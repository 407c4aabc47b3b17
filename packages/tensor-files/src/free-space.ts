import { statfs } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { attempt } from './output-file.js';

/** Room for the file system's own bookkeeping. */
const reserveBytes = 16 * 1024 * 1024;

/** What this user may still write to the disk of an existing folder, in bytes. */
export async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** What is free on the disk of an existing folder, in bytes, where that is too little; undefined where there is enough. */
export async function freeBytesIfShort(folder: string, neededBytes: number): Promise<number | undefined> {
  const freeBytes = await freeBytesAt(folder);
  return freeBytes >= neededBytes + reserveBytes ? undefined : freeBytes;
}

/**
 * Refuses a file that does not fit on the disk of an existing folder, before any of it is computed.
 * @throws WebsslError `OUTPUT_WRITE_FAILED`, with the needed and the free bytes
 */
export async function requireFreeSpace(folder: string, neededBytes: number): Promise<void> {
  const freeBytes = await attempt(folder, () => freeBytesIfShort(folder, neededBytes));
  if (freeBytes === undefined) return;
  throw new WebsslError({
    code: 'OUTPUT_WRITE_FAILED',
    message: `${megabytes(neededBytes)} are to be written to ${folder}, and its disk has ${megabytes(freeBytes)} free. Free some, or choose a folder on another disk.`,
    details: { folder, neededBytes, freeBytes },
  });
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
