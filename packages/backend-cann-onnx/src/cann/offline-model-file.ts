import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Size of the header of an offline model. Layout: `ModelFileHeader` of GE, little endian. */
const headerBytes = 256;
const magic = 'IMOD';
const lengthOffset = 76;
const longLengthOffset = 184;

/**
 * Whether a file is an offline model and whole, as far as its header tells: what is checked is what CANN checks when it loads one.
 * @throws Error of the file system
 */
export function isOfflineModel(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(headerBytes);
    if (readSync(file, header, 0, headerBytes, 0) < headerBytes) return false;
    if (header.toString('latin1', 0, magic.length) !== magic) return false;
    const length = header.readBigUInt64LE(longLengthOffset) || BigInt(header.readUInt32LE(lengthOffset));
    return length === BigInt(fstatSync(file).size - headerBytes);
  } finally {
    closeSync(file);
  }
}
