import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Kernel } from './kernel.js';

describe('the compiled kernel', () => {
  it('is what its source compiles to', async () => {
    const script = fileURLToPath(new URL('../../assembly/compile.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(execPath, [script, '--print']);
    expect(await readFile(new URL('../generated/resample-kernel.ts', import.meta.url), 'utf8')).toBe(stdout);
  });

  it('keeps its memory for the next image unless a huge one made it large', () => {
    const kernel = new Kernel();
    kernel.reserve(1_000_000);
    expect(kernel.reusable).toBe(true);
    kernel.reserve(100_000_000);
    expect(kernel.reusable).toBe(false);
  });

  it('says so when there is not enough memory', () => {
    expect(() => new Kernel().reserve(3_000_000_000)).toThrow(RangeError);
  });
});
