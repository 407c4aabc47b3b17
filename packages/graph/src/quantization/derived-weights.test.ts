import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '@webssl/registry';
import { readSafetensorsHeader, type TensorIndex } from '@webssl/tensor-files';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.js';
import { writeRandomCheckpoint } from '../testing/write-random-checkpoint.js';
import { derivedWeights, type QuantizeProgress } from './derived-weights.js';
import { runWeightJobs } from './run-weight-jobs.js';
import { weightJobError } from './weight-job-error.js';
import { plainRecipe, recipeDigest } from './weight-recipe.js';

const scratch = scratchFolder();
const recipe = plainRecipe(7);
const golden = () => openCheckpoint(goldenCheckpoint('vit-tiny-p14'));

/** What lies in the folder of derived weights, hidden files included. */
const derivedFiles = (cacheFolder: string) => readdir(join(cacheFolder, 'derived'));

async function onlyFile(cacheFolder: string): Promise<string> {
  const names = await derivedFiles(cacheFolder);
  expect(names).toHaveLength(1);
  return join(cacheFolder, 'derived', names[0] ?? '');
}

/** A small checkpoint, one weight of which is another number. */
async function changedCheckpoint(name: string, tensor: string, number: number): Promise<Checkpoint> {
  const folder = await scratch.create(name);
  await writeRandomCheckpoint(folder, {
    ...{ model_type: 'vit', hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 1 },
    ...{ intermediate_size: 16, image_size: 8, patch_size: 8 },
  });
  const entry = (await openCheckpoint(folder)).tensors.get(tensor);
  if (entry === undefined) throw new Error(`no tensor ${tensor}`);
  const bytes = await readFile(entry.file);
  bytes.writeFloatLE(number, entry.offset + entry.byteLength - 4);
  await writeFile(entry.file, bytes);
  return openCheckpoint(folder);
}

describe('derived weights', () => {
  it('are made once, under the name of what they are made of and how, and say that they are derived', async () => {
    const [checkpoint, cacheFolder] = [await golden(), await scratch.create('once')];
    const progress: QuantizeProgress[] = [];
    const make = () =>
      derivedWeights(checkpoint, recipe, { cacheFolder, onProgress: (step) => progress.push(step) });

    const first = await make();
    const file = await onlyFile(cacheFolder);
    const { ino } = await stat(file);
    const total = [...checkpoint.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength / 4, 0);
    expect(progress.at(0)).toEqual({ done: 0, total });
    expect(progress.at(-1)).toEqual({ done: total, total });
    const order = progress.map(({ done }) => done);
    expect(order).toEqual([...order].sort((a, b) => a - b));

    progress.length = 0;
    const second = await make();
    expect(progress).toEqual([]);
    expect((await stat(await onlyFile(cacheFolder))).ino).toBe(ino);
    expect(second.tensors).toEqual(first.tensors);

    const fingerprint = await checkpoint.fingerprint();
    expect(file).toBe(join(cacheFolder, 'derived', `${fingerprint}-${recipeDigest(recipe)}.safetensors`));
    expect((await readSafetensorsHeader(file)).metadata).toEqual({
      webssl: 'derived: made of other weights, may be removed at any time',
      derived_from: fingerprint,
      recipe: recipeDigest(recipe),
      model: checkpoint.folder,
    });
  });

  it('of another recipe are other ones', async () => {
    const [checkpoint, cacheFolder] = [await golden(), await scratch.create('recipes')];
    const float32 = ['encoder.layer.1.output.dense'];
    const recipes = [
      recipe,
      plainRecipe(8),
      { ...recipe, float32 },
      { ...recipe, float32: 'every' as const },
    ];
    for (const each of recipes) await derivedWeights(checkpoint, each, { cacheFolder });
    expect(await derivedFiles(cacheFolder)).toHaveLength(recipes.length);
  });

  it('are made again, the same, where the file was cut short', async () => {
    const [checkpoint, cacheFolder] = [await golden(), await scratch.create('cut')];
    await derivedWeights(checkpoint, recipe, { cacheFolder });
    const file = await onlyFile(cacheFolder);
    const whole = await readFile(file);
    await truncate(file, whole.length - 1);
    await derivedWeights(checkpoint, recipe, { cacheFolder });
    expect(Buffer.compare(await readFile(await onlyFile(cacheFolder)), whole)).toBe(0);
  });

  it('are made once for all who ask at the same time', async () => {
    const [checkpoint, cacheFolder] = [await golden(), await scratch.create('concurrent')];
    const begun: number[] = [];
    const indices = await Promise.all(
      [1, 2, 3].map((asker) =>
        derivedWeights(checkpoint, recipe, {
          cacheFolder,
          onProgress: ({ done }) => done === 0 && begun.push(asker),
        }),
      ),
    );
    expect(begun).toHaveLength(1);
    expect(indices[1]?.tensors).toEqual(indices[0]?.tensors);
    expect(indices[2]?.tensors).toEqual(indices[0]?.tensors);
  });

  it('are made by the next one where who makes them has enough of it', async () => {
    const [checkpoint, cacheFolder] = [await golden(), await scratch.create('given up')];
    const controller = new AbortController();
    const reason = new Error('enough');
    let wanted: Promise<TensorIndex> | undefined;
    const givenUp = derivedWeights(checkpoint, recipe, {
      cacheFolder,
      signal: controller.signal,
      onProgress() {
        wanted ??= derivedWeights(checkpoint, recipe, { cacheFolder });
        controller.abort(reason);
      },
    });
    await expect(givenUp).rejects.toBe(reason);
    expect((await wanted)?.tensors.size).toBeGreaterThan(0);
  });
});

it('an abort does not wait for another who makes them', async () => {
  const [checkpoint, cacheFolder] = [await golden(), await scratch.create('impatient')];
  const reason = new Error('enough');
  const states: string[] = [];
  let impatient: Promise<unknown> | undefined;
  await derivedWeights(checkpoint, recipe, {
    cacheFolder,
    onProgress() {
      if (impatient !== undefined) return;
      const controller = new AbortController();
      const waiting = derivedWeights(checkpoint, recipe, { cacheFolder, signal: controller.signal });
      impatient = expect(waiting)
        .rejects.toBe(reason)
        .then(() => states.push('given up'));
      setImmediate(() => controller.abort(reason));
    },
  });
  states.push('made');
  await impatient;
  expect(states).toEqual(['given up', 'made']);
});

describe('making derived weights leaves nothing', () => {
  it('when it is aborted: it rejects with the reason', async () => {
    const [checkpoint, cacheFolder] = [await golden(), await scratch.create('aborted')];
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    const making = derivedWeights(checkpoint, recipe, { cacheFolder, onProgress, signal: controller.signal });
    await expect(making).rejects.toBe(reason);
    expect(await derivedFiles(cacheFolder)).toEqual([]);
  });

  it('when a listener throws while threads are at work', async () => {
    const [checkpoint, cacheFolder] = [await golden(), await scratch.create('listener')];
    const mistake = new Error('a mistake of the caller');
    const onProgress = ({ done }: QuantizeProgress) => {
      if (done > 0) throw mistake;
    };
    await expect(derivedWeights(checkpoint, recipe, { cacheFolder, onProgress })).rejects.toBe(mistake);
    expect(await derivedFiles(cacheFolder)).toEqual([]);
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY])('when a weight is %d', async (number) => {
    const tensor = 'encoder.layer.0.intermediate.dense.weight';
    const cacheFolder = await scratch.create(`cache of ${number}`);
    const checkpoint = await changedCheckpoint(`checkpoint of ${number}`, tensor, number);
    await expect(derivedWeights(checkpoint, recipe, { cacheFolder })).rejects.toMatchObject({
      code: 'GRAPH_WEIGHT_NOT_FINITE',
      message: expect.stringContaining(tensor),
      details: { tensor },
      cause: { cause: { message: expect.stringContaining('row 15') } },
    });
    expect(await derivedFiles(cacheFolder)).toEqual([]);
  });

  it('when the cache cannot be written', async () => {
    const file = join(await scratch.create('in the way'), 'a file');
    await writeFile(file, '');
    await expect(derivedWeights(await golden(), recipe, { cacheFolder: file })).rejects.toMatchObject({
      code: 'OUTPUT_WRITE_FAILED',
    });
  });

  it('when the weights are no F32', async () => {
    const [checkpoint, cacheFolder] = [await golden(), await scratch.create('halves')];
    const tensors = new Map(
      [...checkpoint.tensors].map(([name, entry]) => [name, { ...entry, type: 'F16' as const }]),
    );
    await expect(derivedWeights({ ...checkpoint, tensors }, recipe, { cacheFolder })).rejects.toMatchObject({
      code: 'GRAPH_WEIGHT_TYPE_UNSUPPORTED',
      message: expect.stringContaining('F16'),
    });
    expect(await derivedFiles(cacheFolder)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')(
    'when the disk gets full under the threads (/dev/full, which only Linux has): that is what is said',
    async () => {
      const tensor = (await golden()).tensors.get('layernorm.weight');
      if (tensor === undefined) throw new Error('no tensor');
      const { file, offset } = tensor;
      const target = { form: 'float32', offset: 0 } as const;
      const job = { name: 'layernorm.weight', source: { file, offset }, rows: 64, columns: 1, target };
      const error = await runWeightJobs('/dev/full', [job], { onMade: () => undefined }).catch(
        (thrown: unknown) => weightJobError(thrown, 'derived.safetensors'),
      );
      expect(error).toMatchObject({
        code: 'OUTPUT_WRITE_FAILED',
        message: expect.stringContaining('derived.safetensors: ENOSPC'),
        details: { systemCode: 'ENOSPC' },
      });
    },
  );
});
