import { WebsslError } from '@webssl/backend';
import { freeBytesIfShort } from '@webssl/tensor-files';

/**
 * Refuses what does not fit on a disk before any of it is fetched.
 *
 * @param folder an existing folder on the disk
 * @throws WebsslError `HUB_DISK_FULL` with the needed and the free bytes
 */
export async function requireSpace(folder: string, neededBytes: number): Promise<void> {
  if (neededBytes === 0) return;
  const freeBytes = await freeBytesIfShort(folder, neededBytes);
  if (freeBytes === undefined) return;
  throw new WebsslError({
    code: 'HUB_DISK_FULL',
    message: `The download needs ${inMegabytes(neededBytes)} and the disk of ${folder} has ${inMegabytes(freeBytes)} free. Free some, or name another cache (HF_HUB_CACHE).`,
    details: { folder, neededBytes, freeBytes },
  });
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB (${bytes} bytes)`;
}
