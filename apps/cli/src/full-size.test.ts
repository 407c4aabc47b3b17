import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTensorIndex, readNpy } from '@webssl/tensor-files';
import { fullSizeObstacle, goldenImage } from '@webssl-tooling/fixtures';
import { beforeEach, describe, expect, it } from 'vitest';
import { webssl } from './testing/run-command.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = temporaryFolder();
const model = 'random:facebook/webssl-mae700m-full2b-224';
const minutes = 60_000;

const run = (...parameters: string[]) =>
  webssl(parameters, { cwd: folder, environment: { WEBSSL_CACHE: join(folder, 'cache') } });

describe('the reference model at full size, with synthetic weights', () => {
  beforeEach((context) => {
    const obstacle = fullSizeObstacle();
    if (obstacle !== undefined) context.skip(obstacle);
  });

  it(
    'embeds an image to the same bits alone and in a batch',
    async () => {
      const [astronaut, chelsea] = [goldenImage('astronaut.png'), goldenImage('chelsea.png')];
      const first = await run(
        'embed',
        astronaut,
        chelsea,
        '--model',
        model,
        '--batch',
        '2',
        '--out',
        'both.npy',
      );
      expect(first).toMatchObject({ code: 0, stderr: '' });
      await run('embed', chelsea, '--model', model, '--out', 'alone.npy');
      const both = await readNpy(join(folder, 'both.npy'));
      const alone = await readNpy(join(folder, 'alone.npy'));
      expect(both.dims).toEqual([2, 1280]);
      expect(both.data.subarray(1280)).toEqual(alone.data);
      expect(alone.data.every(Number.isFinite)).toBe(true);
    },
    5 * minutes,
  );

  it(
    'gives every feature the dimensions of the catalogue and says that it is synthetic',
    async () => {
      const features = 'cls,mean,patches,last_hidden_state,hidden_states.0,hidden_states.32,attentions.31';
      await run('embed', '--model', model, '--features', features, '--out', 'all.safetensors');
      const { tensors, metadata } = await openTensorIndex(join(folder, 'all.safetensors'));
      expect(Object.fromEntries([...tensors.values()].map(({ name, shape }) => [name, shape]))).toEqual({
        cls: [1, 1280],
        mean: [1, 1280],
        patches: [1, 256, 1280],
        last_hidden_state: [1, 257, 1280],
        'hidden_states.0': [1, 257, 1280],
        'hidden_states.32': [1, 257, 1280],
        'attentions.31': [1, 16, 257, 257],
      });
      expect(metadata['synthetic']).toBe('true');
      expect(readFileSync(join(folder, 'all.safetensors')).length).toBeLessThan(20e6);
    },
    5 * minutes,
  );

  it(
    'has, as a smaller one shows in less time, weights under which every layer matters and looks at something',
    async () => {
      const smallest = 'random:facebook/webssl-mae300m-full2b-224';
      const { stdout } = await run('models', 'statistics', smallest, '--json');
      const { attentionEntropy, effectOfLeavingOut, largestClsCosine } = JSON.parse(stdout);
      expect(attentionEntropy).toHaveLength(24);
      expect(Math.min(...attentionEntropy)).toBeGreaterThan(0.3);
      expect(Math.max(...attentionEntropy)).toBeLessThan(0.95);
      expect(Math.min(...effectOfLeavingOut)).toBeGreaterThan(1e-3);
      expect(largestClsCosine).toBeLessThan(0.95);
    },
    10 * minutes,
  );
});
