import { readdir, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { examplePlan } from '../testing/example-plan.js';
import { scratchFolder } from '../testing/scratch-folder.js';
import { listDerivedFiles, removeDerivedFiles } from './derived-files.js';
import { derivedWeights } from './derived-weights.js';
import { storeQuantizationPlan } from './quantization-plan.js';
import { plainRecipe } from './weight-recipe.js';

const scratch = scratchFolder();
const open = (name: string) => openCheckpoint(goldenCheckpoint(name));

describe('derived files', () => {
  it('are listed by model with kind and size, whatever else lies beside them, and removed model by model', async () => {
    const [vit, dino] = [await open('vit-tiny-p14'), await open('dinov2-tiny-p14')];
    const cacheFolder = await scratch.create('listed');
    expect(await listDerivedFiles(cacheFolder)).toEqual([]);
    await derivedWeights(vit, plainRecipe(7), { cacheFolder });
    await derivedWeights(dino, plainRecipe(7), { cacheFolder });
    const plan = await examplePlan(vit);
    await storeQuantizationPlan(vit, plan, cacheFolder);
    for (const [folder, name] of [
      ['derived', 'notes.txt'],
      ['derived', 'damaged.safetensors'],
      ['plans', 'damaged.json'],
    ] as const) {
      await writeFile(join(cacheFolder, folder, name), 'x');
    }

    const listed = await listDerivedFiles(cacheFolder);
    expect(listed.map(({ model, kind }) => [model, kind]).sort()).toEqual([
      [dino.id, 'int8 weights'],
      [vit.id, 'int8 weights'],
      [vit.id, 'plan'],
    ]);
    for (const { file, bytes } of listed) expect((await stat(file)).size).toBe(bytes);
    const { size, bound, measured } = plan;
    expect(listed.find(({ kind }) => kind === 'plan')).toMatchObject({ size, bound, measured });

    const freed = await removeDerivedFiles(cacheFolder, vit.id);
    expect(freed).toBe(
      listed.filter(({ model }) => model === vit.id).reduce((sum, { bytes }) => sum + bytes, 0),
    );
    expect((await listDerivedFiles(cacheFolder)).map(({ model }) => model)).toEqual([dino.id]);
    expect(await removeDerivedFiles(cacheFolder, vit.id)).toBe(0);
  });

  it('that a killed process left unfinished are removed after a day, when the next ones are made', async () => {
    const [checkpoint, cacheFolder] = [await open('vit-tiny-p14'), await scratch.create('leftovers')];
    await derivedWeights(checkpoint, plainRecipe(7), { cacheFolder });
    const folder = join(cacheFolder, 'derived');
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    for (const name of ['.old.safetensors.0.partial', '.new.safetensors.1.partial']) {
      await writeFile(join(folder, name), '');
      await truncate(join(folder, name), 1000);
    }
    await utimes(join(folder, '.old.safetensors.0.partial'), yesterday, yesterday);

    await derivedWeights(checkpoint, plainRecipe(8), { cacheFolder });

    const names = await readdir(folder);
    expect(names).toContain('.new.safetensors.1.partial');
    expect(names).not.toContain('.old.safetensors.0.partial');
    expect(names.filter((name) => name.endsWith('.safetensors'))).toHaveLength(2);
  });
});
