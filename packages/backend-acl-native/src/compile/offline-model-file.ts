import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { offlineModelStem } from './compiler-arguments.js';

/** Size of the header of an offline model. Layout: `ModelFileHeader` of GE, little endian. */
const headerBytes = 256;
const magic = 'IMOD';
const lengthOffset = 76;
const longLengthOffset = 184;

/**
 * Name of the offline model that the compiler left in a folder. Where it compiles for another system than its own it puts that
 * one's name before the ending, as in `model_linux_aarch64.om`.
 */
export async function findOfflineModel(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).filter((name) => offlineModelName.test(name));
  return names.find((name) => name === `${offlineModelStem}.om`) ?? names.sort()[0];
}

const offlineModelName = new RegExp(`^${offlineModelStem}(?:_[a-z0-9]+_[a-z0-9_]+)?\\.om$`);

/**
 * Checks that a file is an offline model and whole, as the library does when it loads one.
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_INVALID`
 */
export async function checkOfflineModel(file: string): Promise<void> {
  const handle = await open(file);
  try {
    const problem = await headerProblem(handle);
    if (problem !== undefined) throw invalidOfflineModel(file, problem);
  } finally {
    await handle.close();
  }
}

async function headerProblem(handle: FileHandle): Promise<string | undefined> {
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await handle.read(header, 0, headerBytes, 0);
  if (bytesRead < headerBytes) return `it has ${bytesRead} bytes, and the header alone has ${headerBytes}`;
  if (header.toString('latin1', 0, magic.length) !== magic) return `it does not begin with ${magic}`;
  const { size } = await handle.stat();
  const stated = Number(header.readBigUInt64LE(longLengthOffset)) || header.readUInt32LE(lengthOffset);
  if (stated === size - headerBytes) return undefined;
  return `its header states ${stated} bytes of content, and ${size - headerBytes} are there`;
}

/** What a damaged offline model is answered with. */
export function invalidOfflineModel(path: string, reason: string, cause?: unknown): WebsslError {
  return new WebsslError({
    code: 'BACKEND_OFFLINE_MODEL_INVALID',
    message: `${join(path)} is not a usable offline model: ${reason}. Make it again with webssl export om.`,
    cause,
    details: { path },
  });
}
