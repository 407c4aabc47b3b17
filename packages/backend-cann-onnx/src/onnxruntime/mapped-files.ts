import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import type { Pointer } from './functions.js';
import type { Resources } from './resources.js';

const protectionRead = 1;
const mapPrivate = 2;

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
 * @throws Error as node:fs does, or where the system refuses to map a file
 */
export function mapFiles(folder: string, locations: readonly string[], resources: Resources): MappedFile[] {
  const library = koffi.load(null);
  const map = library.func('mmap', 'intptr_t', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']);
  const unmap = library.func('munmap', 'int', ['intptr_t', 'size_t']);
  return locations.map((location) => {
    const path = join(folder, location);
    const file = openSync(path, 'r');
    try {
      const bytes = fstatSync(file).size;
      const address = BigInt(map(null, bytes, protectionRead, mapPrivate, file, 0));
      if (address === -1n) throw new Error(`${path} cannot be mapped into memory (errno ${koffi.errno()})`);
      resources.add(() => unmap(address, bytes));
      return { location, address, bytes };
    } finally {
      closeSync(file);
    }
  });
}
