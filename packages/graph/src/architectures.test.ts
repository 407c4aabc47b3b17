import { nmse } from '@webssl/metrics';
import { openCheckpoint } from '@webssl/registry';
import { openTensorIndex, readTensor, type TensorEntry } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenOutputs } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { randomTensor } from './testing/random-tensor.js';
import { referenceForward } from './testing/reference-forward.js';
import { runSingle } from './testing/run-graph.js';
import { scratchFolder } from './testing/scratch-folder.js';
import { writeRandomCheckpoint } from './testing/write-random-checkpoint.js';

const small = {
  hidden_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  image_size: 32,
  patch_size: 8,
};

describe('architectures that the golden checkpoints do not have', () => {
  const scratch = scratchFolder();

  it.each([
    ['DINOv2 with a plain feed-forward network', { ...small, model_type: 'dinov2', mlp_ratio: 2 }],
    [
      'DINOv2 without query, key and value biases',
      { ...small, model_type: 'dinov2', use_swiglu_ffn: true, qkv_bias: false },
    ],
    [
      'ViT without query, key and value biases',
      { ...small, model_type: 'vit', intermediate_size: 40, qkv_bias: false },
    ],
    [
      'one head, one layer, one patch',
      { ...small, model_type: 'vit', num_attention_heads: 1, num_hidden_layers: 1, image_size: 8 },
    ],
  ])('%s', async (name, config) => {
    const folder = await scratch.create(name);
    await writeRandomCheckpoint(folder, config);
    const checkpoint = await openCheckpoint(folder);
    const side = config.image_size;
    const pixels = randomTensor([1, 3, side, side], 5);

    const model = await createModelSource(checkpoint).onnx({
      size: { height: side, width: side },
      batch: 1,
      outputs: ['last_hidden_state'],
    });

    const expected = (await referenceForward(checkpoint, pixels)).flat();
    expect(nmse((await runSingle(model, pixels)).data, expected)).toBeLessThanOrEqual(1e-10);
  });
});

/** The plain forward pass is only worth comparing with if it gives what the reference stack gives. */
describe('the plain forward pass', () => {
  it.each(['vit-tiny-p16', 'dinov2-tiny-p14'])('agrees with golden %s', async (name) => {
    const golden = goldenOutputs().find(({ checkpoint, size }) => checkpoint === name && size === null);
    const { tensors } = await openTensorIndex(golden?.path ?? '');
    const [pixels, expected] = await Promise.all(
      ['pixel_values', 'last_hidden_state'].map((tensor) => readTensor(tensors.get(tensor) as TensorEntry)),
    );
    if (pixels === undefined || expected === undefined) throw new Error('no golden tensors');
    const computed = await referenceForward(await openCheckpoint(goldenCheckpoint(name)), pixels);
    expect(nmse(computed.flat(), expected.data)).toBeLessThanOrEqual(1e-10);
  });
});
