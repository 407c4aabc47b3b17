import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WebsslError } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { makeFolder, readSafetensorsHeader } from '@webssl/tensor-files';
import { z } from 'zod';
import { planSchema, type QuantizationPlan } from './plan-schema.js';
import { recipeDigest } from './weight-recipe.js';

/** Something that was made of a model's weights, or measured of it, and is kept in webssl's cache. */
export type DerivedFile = DerivedWeightsFile | PlanFile;

interface FileOfModel {
  /** The model that it was made for at first, by id or by the path of its folder; a copy of it with the same content uses it too. */
  readonly model: string;
  /** By which the weights are made: what a device calls its `weightRecipe`. */
  readonly recipe: string;
  readonly file: string;
  readonly bytes: number;
}

export interface DerivedWeightsFile extends FileOfModel {
  readonly kind: 'int8 weights';
}

/** A plan, with what it is for and what was measured of it. */
export interface PlanFile extends FileOfModel, Pick<QuantizationPlan, 'size' | 'bound' | 'measured'> {
  readonly kind: 'plan';
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

/** What derived weights say of themselves. */
const weightsSchema = z.object({ model: z.string(), recipe: z.string() });

/** A model's name wherever the program runs: a folder's is its path. */
export function modelName({ id, folder }: Pick<Checkpoint, 'id' | 'folder'>): string {
  return resolve(id) === resolve(folder) ? resolve(folder) : id;
}

/** All derived files in a cache, by model. Others that lie there are passed over. */
export async function listDerivedFiles(cacheFolder: string): Promise<readonly DerivedFile[]> {
  const lists = await Promise.all([
    describeFiles(derivedFolder(cacheFolder), /^[^.].*\.safetensors$/, describeWeights),
    describeFiles(plansFolder(cacheFolder), /^[^.].*\.json$/, describePlan),
  ]);
  return lists.flat().sort((a, b) => (a.model < b.model ? -1 : 1));
}

/**
 * Removes what was made of a model; it is made again when it is asked for, except plans, which have to be measured again.
 * @param models its names, as {@link listDerivedFiles} gives them
 * @returns the bytes freed; 0 where there was nothing
 */
export async function removeDerivedFiles(cacheFolder: string, ...models: readonly string[]): Promise<number> {
  const files = (await listDerivedFiles(cacheFolder)).filter((file) => models.includes(file.model));
  for (const { file } of files) await rm(file, { force: true });
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

type Described<File> = Omit<File, 'file' | 'bytes'>;

async function describeWeights(file: string): Promise<Described<DerivedWeightsFile>> {
  const { model, recipe } = weightsSchema.parse((await readSafetensorsHeader(file)).metadata);
  return { model, kind: 'int8 weights', recipe };
}

async function describePlan(file: string): Promise<Described<PlanFile>> {
  const plan = planSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const { model, size, bound, measured } = plan;
  return { model, kind: 'plan', recipe: recipeDigest(plan), size, bound, measured };
}

async function describeFiles<File extends FileOfModel>(
  folder: string,
  names: RegExp,
  describe: (file: string) => Promise<Described<File>>,
): Promise<readonly (Described<File> & Pick<FileOfModel, 'file' | 'bytes'>)[]> {
  const present = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    present
      .filter((name) => names.test(name))
      .map(async (name) => {
        const file = join(folder, name);
        try {
          const [described, { size: bytes }] = await Promise.all([describe(file), stat(file)]);
          return { ...described, file, bytes };
        } catch {
          // Damaged, another's, or removed meanwhile: whoever needs it says so.
          return undefined;
        }
      }),
  );
  return files.filter((file) => file !== undefined);
}
