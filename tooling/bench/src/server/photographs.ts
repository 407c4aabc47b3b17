import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCameraPhotograph } from '../camera-photograph.js';

/**
 * Writes photographs that all differ in their grain.
 *
 * @returns the folder, to be read with {@link readPhotographs}
 */
export async function writePhotographs(original: string, parent: string, count: number): Promise<string> {
  const folder = join(parent, 'server-photographs');
  await mkdir(folder);
  for (let number = 0; number < count; number++) {
    await writeCameraPhotograph(original, join(folder, `${number}.jpg`));
  }
  return folder;
}

/** The bytes of every photograph of a folder, in an order that does not change. */
export async function readPhotographs(folder: string): Promise<readonly Buffer[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name))));
}
