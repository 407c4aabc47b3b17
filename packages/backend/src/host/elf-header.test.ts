import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { processorMismatch, readElfHeader } from './elf-header.js';

it.skipIf(process.platform !== 'linux')('the program that runs is for its own processor (Linux)', () => {
  const header = readElfHeader(process.execPath);
  expect(header && processorMismatch(header)).toBeUndefined();
});

it.each([
  [{ bits: 64, machine: 183 }, 'x64', 'is for another processor (arm64, 64 bits) than this Node.js (x64)'],
  [{ bits: 64, machine: 62 }, 'arm64', 'is for another processor (x64, 64 bits) than this Node.js (arm64)'],
  [{ bits: 32, machine: 40 }, 'arm64', 'is for another processor (machine 40, 32 bits) than'],
  [{ bits: 64, machine: 62 }, 'x64', undefined],
] as const)('%j on %s', (header, architecture, expected) => {
  const mismatch = processorMismatch(header, architecture);
  if (expected === undefined) expect(mismatch).toBeUndefined();
  else expect(mismatch).toContain(expected);
});

it('a file that is no library has no header', () => {
  const folder = mkdtempSync(join(tmpdir(), 'webssl-elf-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'text.so');
  for (const text of ['', 'This is text, long enough for a header.']) {
    writeFileSync(file, text);
    expect(readElfHeader(file)).toBeUndefined();
  }
});
