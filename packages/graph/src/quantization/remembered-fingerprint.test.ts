import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.js';
import { rememberedFingerprint } from './remembered-fingerprint.js';

const scratch = scratchFolder();

/** A checkpoint whose fingerprint says how often it was computed. */
function counted(key: string) {
  let computed = 0;
  return {
    key,
    fingerprint: async () => String(++computed).repeat(64),
  };
}

describe('the fingerprint of a checkpoint', () => {
  it('is computed once for a key, in all processes that share the cache', async () => {
    const cache = await scratch.create('once');
    const checkpoint = counted('a');
    expect(await rememberedFingerprint(checkpoint, cache)).toBe('1'.repeat(64));
    expect(await rememberedFingerprint(checkpoint, cache)).toBe('1'.repeat(64));
    // As after a file of the checkpoint has changed.
    expect(await rememberedFingerprint({ ...checkpoint, key: 'b' }, cache)).toBe('2'.repeat(64));
    expect(await rememberedFingerprint(checkpoint, cache)).toBe('1'.repeat(64));
  });

  it('is computed again where what was remembered is damaged', async () => {
    const cache = await scratch.create('damaged');
    const checkpoint = counted('a');
    await rememberedFingerprint(checkpoint, cache);
    const [name = ''] = await readdir(join(cache, 'fingerprints'));
    const file = join(cache, 'fingerprints', name);
    await writeFile(file, '1'.repeat(20));
    expect(await rememberedFingerprint(checkpoint, cache)).toBe('2'.repeat(64));
    expect(await readFile(file, 'utf8')).toBe(`${'2'.repeat(64)}\n`);
  });

  it('is computed each time where the cache cannot be written', async () => {
    const file = join(await scratch.create('unwritable'), 'no folder');
    await writeFile(file, '');
    const checkpoint = counted('a');
    expect(await rememberedFingerprint(checkpoint, file)).toBe('1'.repeat(64));
    expect(await rememberedFingerprint(checkpoint, file)).toBe('2'.repeat(64));
  });

  it('rejects with what computing it rejects with, and remembers nothing', async () => {
    const cache = await scratch.create('aborted');
    const reason = new Error('enough');
    const fingerprint = async (signal?: AbortSignal) => {
      signal?.throwIfAborted();
      return '0'.repeat(64);
    };
    const signal = AbortSignal.abort(reason);
    await expect(rememberedFingerprint({ key: 'a', fingerprint }, cache, signal)).rejects.toBe(reason);
    expect(await readdir(cache)).toEqual([]);
  });
});
