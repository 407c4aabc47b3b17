import { closeSync, fstatSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import koffi from 'koffi';
import type { Pointer } from './functions.js';
import type { Resources } from './resources.js';

const protectionRead = 1;
const mapPrivate = 2;

const outOfMemory = constants.errno.ENOMEM;

/** A file in memory. */
export interface MappedFile {
  /** As the graph names it. */
  readonly location: string;
  readonly address: Pointer;
  readonly bytes: number;
}

/**
 * Maps files into memory, until `resources` are released: no byte is read before it is used, and none is copied. For POSIX systems.
 * @param locations paths relative to the folder
 * @throws WebsslError `BACKEND_WEIGHTS_UNREADABLE` where there is no such file, it is empty or the system refuses to map it;
 * `BACKEND_OUT_OF_MEMORY`
 */
export function mapFiles(folder: string, locations: readonly string[], resources: Resources): MappedFile[] {
  const library = koffi.load(null);
  const map = library.func('mmap', 'intptr_t', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']);
  const unmap = library.func('munmap', 'int', ['intptr_t', 'size_t']);
  return locations.map((location) => {
    const path = join(folder, location);
    const file = openWeights(path);
    try {
      const bytes = fstatSync(file).size;
      const address = BigInt(map(null, bytes, protectionRead, mapPrivate, file, 0));
      if (address === -1n) throw unmapped(path, bytes, koffi.errno());
      resources.add(() => unmap(address, bytes));
      return { location, address, bytes };
    } finally {
      closeSync(file);
    }
  });
}

function openWeights(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unmapped(path: string, bytes: number, error: number): WebsslError {
  if (error !== outOfMemory)
    return unreadable(path, `the system refuses its ${bytes} bytes (errno ${error})`);
  const advice = 'Raise the limit of address space (ulimit -v) where there is one.';
  return new WebsslError({
    code: 'BACKEND_OUT_OF_MEMORY',
    message: `The ${bytes} bytes of ${path} do not fit into the address space of this process. ${advice}`,
    details: { path, advice },
  });
}

function unreadable(path: string, reason: string, cause?: unknown): WebsslError {
  const advice = 'The weights are missing, empty or not readable. Fetch the model again.';
  return new WebsslError({
    code: 'BACKEND_WEIGHTS_UNREADABLE',
    message: `${path} cannot be mapped into memory: ${reason}. ${advice}`,
    cause,
    details: { path, advice },
  });
}
