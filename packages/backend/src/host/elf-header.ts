import { closeSync, openSync, readSync } from 'node:fs';

/** What the header of a shared library says of the machine that it is for. */
export interface ElfHeader {
  readonly bits: 32 | 64;
  /** `e_machine`. */
  readonly machine: number;
}

const headerBytes = 20;
const signature = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

/** `e_machine` of the processors that Node.js names so. */
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

/**
 * Reads the header of an ELF file: `e_ident` and `e_machine` of the System V ABI.
 * @returns undefined where the file is none
 * @throws the error of the operating system where the file cannot be read
 */
export function readElfHeader(path: string): ElfHeader | undefined {
  const header = Buffer.alloc(headerBytes);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, header, 0, headerBytes, 0) < headerBytes) return undefined;
  } finally {
    closeSync(file);
  }
  if (!header.subarray(0, signature.length).equals(signature)) return undefined;
  const littleEndian = header[5] === 1;
  return {
    bits: header[4] === 2 ? 64 : 32,
    machine: littleEndian ? header.readUInt16LE(18) : header.readUInt16BE(18),
  };
}

/**
 * That a library is for another processor than this program, in words that follow its path.
 * @param architecture as `process.arch` names it
 * @returns undefined where it is for this one
 */
export function processorMismatch(
  header: ElfHeader,
  architecture: string = process.arch,
): string | undefined {
  if (header.bits === 64 && header.machine === machines[architecture]) return undefined;
  return `is for another processor (${machineName(header)}) than this Node.js (${architecture})`;
}

function machineName({ bits, machine }: ElfHeader): string {
  const known = Object.entries(machines).find(([, value]) => value === machine)?.[0];
  return `${known ?? `machine ${machine}`}, ${bits} bits`;
}
