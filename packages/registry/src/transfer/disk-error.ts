import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { isSystemError } from '../file-errors.js';
import { bytesOf } from './bytes-of.js';
import { partPaths } from './part-paths.js';

const fullDisk: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** How far a file had come when the disk failed. */
interface Progress {
  /** What the operation was on. */
  readonly path: string;
  readonly destination: string;
  /** What the file is called. Default: its destination. */
  readonly name?: string | undefined;
  readonly presentBytes?: number;
  readonly totalBytes?: number | undefined;
}

/** What to throw for a failed file operation: `HUB_DISK_FULL`, `CACHE_UNWRITABLE`, or the error itself where it is none of the system's. */
export function diskError(
  error: unknown,
  { path, destination, name = destination, presentBytes = 0, totalBytes }: Progress,
): unknown {
  if (!isSystemError(error)) return error;
  const systemCode = String(error.code);
  if (!fullDisk.has(systemCode)) {
    return new WebsslError({
      code: 'CACHE_UNWRITABLE',
      message: `${path} cannot be used: ${error.message}. Check that its folder exists, that you may read and write there, and that the disk is sound; or take another cache folder.`,
      cause: error,
      details: { path, systemCode },
    });
  }
  const missing =
    totalBytes === undefined
      ? 'how many are missing is not known'
      : `${totalBytes - presentBytes} bytes are missing`;
  return new WebsslError({
    code: 'HUB_DISK_FULL',
    message: `${name} does not fit: the disk or the quota is full (${systemCode}) at ${dirname(destination)}. ${bytesOf(presentBytes, totalBytes)} are there and stay, ${missing}. Free that much, then run it again: it goes on from there.${mayBeDeleted(destination)}`,
    cause: error,
    details: { file: destination, systemCode, presentBytes, totalBytes },
  });
}

function mayBeDeleted(destination: string): string {
  const { rejected } = partPaths(destination);
  return existsSync(rejected)
    ? ` ${rejected} may be deleted: it has bytes of an earlier try that were not the right ones.`
    : '';
}
