import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WebsslError } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { makeFolder, readSafetensorsHeader } from '@webssl/tensor-files';
import { z } from 'zod';

/** Something that was made of a model's weights, or measured of it, and is kept in webssl's cache. */
export interface DerivedFile {
  /** The model that it was made for at first, by id or by the path of its folder; a copy of it with the same content uses it too. */
  readonly model: string;
  readonly kind: 'int8 weights' | 'plan';
  readonly file: string;
  readonly bytes: number;
}

/**
 * Makes webssl's cache, or a folder in it, where it is not there.
 * @throws WebsslError `OUTPUT_WRITE_FAILED`, with what to do
 */
export async function makeCacheFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause: Error) => {
    throw new WebsslError({
      code: 'OUTPUT_WRITE_FAILED',
      message: `The cache folder ${folder} cannot be made: ${cause.message}. Set WEBSSL_CACHE to a folder that can be written.`,
      details: { path: folder },
      cause,
    });
  });
}

/** Folders in the cache. */
export function derivedFolder(cacheFolder: string): string {
  return join(cacheFolder, 'derived');
}

export function plansFolder(cacheFolder: string): string {
  return join(cacheFolder, 'plans');
}

/** What both kinds of files say of themselves. */
const ownerSchema = z.object({ model: z.string() });

/** A model's name wherever the program runs: a folder's is its path. */
export function modelName({ id, folder }: Pick<Checkpoint, 'id' | 'folder'>): string {
  return resolve(id) === resolve(folder) ? resolve(folder) : id;
}

/** All derived files in a cache, by model. Others that lie there are passed over. */
export async function listDerivedFiles(cacheFolder: string): Promise<readonly DerivedFile[]> {
  const lists = await Promise.all([
    describeFiles('int8 weights', derivedFolder(cacheFolder), /^[^.].*\.safetensors$/, async (file) =>
      ownerSchema.parse((await readSafetensorsHeader(file)).metadata),
    ),
    describeFiles('plan', plansFolder(cacheFolder), /^[^.].*\.json$/, async (file) =>
      ownerSchema.parse(JSON.parse(await readFile(file, 'utf8'))),
    ),
  ]);
  return lists.flat().sort((a, b) => (a.model < b.model ? -1 : 1));
}

/**
 * Removes what was made of a model; it is made again when it is asked for, except plans, which have to be measured again.
 * @param model its name, as {@link listDerivedFiles} gives it
 * @returns the bytes freed; 0 where there was nothing
 */
export async function removeDerivedFiles(cacheFolder: string, model: string): Promise<number> {
  const files = (await listDerivedFiles(cacheFolder)).filter((file) => file.model === model);
  for (const { file } of files) await rm(file, { force: true });
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function describeFiles(
  kind: DerivedFile['kind'],
  folder: string,
  names: RegExp,
  ownerOf: (file: string) => Promise<z.infer<typeof ownerSchema>>,
): Promise<readonly DerivedFile[]> {
  const present = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    present
      .filter((name) => names.test(name))
      .map(async (name) => {
        const file = join(folder, name);
        try {
          const [{ model }, { size: bytes }] = await Promise.all([ownerOf(file), stat(file)]);
          return { model, kind, file, bytes };
        } catch {
          // Damaged, another's, or removed meanwhile: whoever needs it says so.
          return undefined;
        }
      }),
  );
  return files.filter((file) => file !== undefined);
}
