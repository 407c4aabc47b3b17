import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './file-errors.js';

/**
 * Makes a folder and those it lies in. `mkdir` with `recursive` never returns for a folder below `/proc`, where nothing can be
 * made and nothing is there.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (!hasCode(error, ['ENOENT']) || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!hasCode(error, ['EEXIST'])) throw error;
  }
}
