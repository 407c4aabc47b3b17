import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { systemCode } from './file-reading.js';

/** Node writes at most 2 GiB a call. */
const pieceBytes = 32 * 1024 * 1024;
const fullDisk = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** A file that takes its name only when it is whole. */
export interface OutputFile {
  /** Where it lies until it is finished. Others may write into it too. */
  readonly partialPath: string;
  /** Writes bytes at a position, by default after what was written last. One call at a time. */
  write(bytes: Uint8Array, position?: number): Promise<void>;
  /** Makes the data durable and gives the file its name, replacing what had it before. */
  finish(): Promise<void>;
  /** Removes what was written. Does nothing after `finish` or another `abort`. Never throws. */
  abort(): Promise<void>;
}

/**
 * Begins a file next to its final place, under a hidden name that no other run uses (`.<name>.<random>.partial`). Under
 * the final name there is never half a file, also when the process is killed; what a killed process leaves is not in the
 * way of the next run and may be deleted. When a write fails the partial file is removed.
 * @throws WebsslError `OUTPUT_FOLDER_MISSING`, `OUTPUT_WRITE_FAILED`; so do `write` and `finish` (the latter code).
 */
export async function createOutputFile(path: string): Promise<OutputFile> {
  await requireFolder(path);
  const partial = partialPath(path);
  const handle = await attempt(path, () => open(partial, 'wx'));
  let end = 0;
  let isOpen = true;

  async function abort(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true }).catch(() => undefined);
  }

  async function orAbort<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await attempt(path, action);
    } catch (error) {
      await abort();
      throw error;
    }
  }

  return {
    partialPath: partial,
    write: (bytes, position = end) =>
      orAbort(async () => {
        await writeFully(handle, bytes, position);
        end = position + bytes.length;
      }),
    finish: () =>
      orAbort(async () => {
        await handle.sync();
        await handle.close();
        await rename(partial, path);
        isOpen = false;
      }),
    abort,
  };
}

/**
 * Writes a whole file that takes its name only when it is complete; see {@link createOutputFile}.
 * @throws WebsslError `OUTPUT_FOLDER_MISSING`, `OUTPUT_WRITE_FAILED`.
 */
export async function writeOutputFile(path: string, content: Uint8Array | string): Promise<void> {
  const output = await createOutputFile(path);
  await output.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  await output.finish();
}

/** A name beside `path` that no other run uses, hidden, and never taken for a finished file. */
export function partialPath(path: string): string {
  // Cut, because the name must not become longer than file systems allow.
  return join(dirname(path), `.${basename(path).slice(0, 50)}.${randomBytes(8).toString('hex')}.partial`);
}

/** Writes all of `bytes`: one call may write less. */
export async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const length = Math.min(pieceBytes, bytes.length - written);
    const { bytesWritten } = await handle.write(bytes, written, length, position + written);
    written += bytesWritten;
  }
}

/** Runs a step of writing `path`, turning a system error into `OUTPUT_WRITE_FAILED`. */
export async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (WebsslError.isInstance(error)) throw error;
    const code = systemCode(error);
    const reason = error instanceof Error ? error.message : String(error);
    throw new WebsslError({
      code: 'OUTPUT_WRITE_FAILED',
      message:
        code !== undefined && fullDisk.has(code)
          ? `Cannot write ${path}: the disk or the quota is full (${code}). Nothing was left behind; free some space or write elsewhere.`
          : `Cannot write ${path}: ${reason}. Nothing was left behind.`,
      cause: error,
      details: { path, systemCode: code },
    });
  }
}

/**
 * Checks that the folder of an output exists. Every writer here does so when it begins; this is for those who want to know
 * before they compute what is to be written.
 * @throws WebsslError `OUTPUT_FOLDER_MISSING`.
 */
export async function requireFolder(path: string): Promise<void> {
  const folder = dirname(path);
  const isFolder = await stat(folder).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new WebsslError({
    code: 'OUTPUT_FOLDER_MISSING',
    message: `There is no folder ${folder} for the output ${basename(path)}. Create it first.`,
    details: { path, folder },
  });
}
