import { statfs } from 'node:fs/promises';

/** What this user may still write to the disk of an existing folder. */
export async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
