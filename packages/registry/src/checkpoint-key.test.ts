import { copyFile, link, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from './open-checkpoint.js';
import { copiedCheckpoint } from './testing/edited-checkpoint.js';

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function copied(name: string): Promise<string> {
  const folder = await copiedCheckpoint(goldenCheckpoint(name));
  made.push(folder);
  return folder;
}

describe('the key of a checkpoint', () => {
  it('is the same for the same files and another for other weights', async () => {
    const [one, again, other] = await Promise.all(
      ['vit-tiny-p14', 'vit-tiny-p14', 'vit-tiny-sharded'].map((name) =>
        openCheckpoint(goldenCheckpoint(name)),
      ),
    );
    expect(one?.key).toBe(again?.key);
    expect(one?.key).not.toBe(other?.key);
  });

  it('changes when a weight file is touched', async () => {
    const folder = await copied('vit-tiny-p16');
    const before = await openCheckpoint(folder);
    await utimes(join(folder, 'model.safetensors'), 1, 1);
    expect((await openCheckpoint(folder)).key).not.toBe(before.key);
  });

  it('changes when a weight file is replaced by one with the same length and time', async () => {
    const folder = await copied('vit-tiny-p16');
    const weights = join(folder, 'model.safetensors');
    await copyFile(weights, `${weights}.other`);
    await utimes(weights, 1, 1);
    await utimes(`${weights}.other`, 1, 1);
    const before = await openCheckpoint(folder);
    await rename(`${weights}.other`, weights);
    expect((await openCheckpoint(folder)).key).not.toBe(before.key);
  });

  it('stays when somebody makes a hard link to a weight file', async () => {
    const folder = await copied('vit-tiny-p16');
    const before = await openCheckpoint(folder);
    await link(join(folder, 'model.safetensors'), join(folder, 'linked'));
    expect((await openCheckpoint(folder)).key).toBe(before.key);
  });

  it('changes with the config', async () => {
    const folder = await copied('vit-tiny-p16');
    const before = await openCheckpoint(folder);
    const config = JSON.stringify({
      model_type: 'vit',
      hidden_size: 48,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      intermediate_size: 192,
    });
    await writeFile(join(folder, 'config.json'), config);
    expect((await openCheckpoint(folder)).key).not.toBe(before.key);
  });

  it('does not depend on files that are not weights', async () => {
    const folder = await copied('vit-tiny-p16');
    const before = await openCheckpoint(folder);
    await writeFile(join(folder, 'README.md'), 'notes');
    expect((await openCheckpoint(folder)).key).toBe(before.key);
  });
});
