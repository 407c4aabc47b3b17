import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixtureParts } from '@webssl/backend/testkit';
import { createModelSource } from '@webssl/graph';
import { openCheckpoint, parseModelConfig, tensorLayout } from '@webssl/registry';
import { writeSafetensors } from '@webssl/tensor-files';

const config = {
  architectures: ['ViTModel'],
  hidden_act: 'gelu',
  hidden_size: 12,
  image_size: 12,
  intermediate_size: 20,
  layer_norm_eps: 1e-6,
  model_type: 'vit',
  num_attention_heads: 2,
  num_channels: 3,
  num_hidden_layers: 3,
  patch_size: 4,
  qkv_bias: true,
};

const processor = {
  crop_size: { height: 12, width: 12 },
  do_center_crop: true,
  do_convert_rgb: true,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_processor_type: 'BitImageProcessor',
  image_std: [0.229, 0.224, 0.225],
  resample: 3,
  rescale_factor: 1 / 255,
  size: { shortest_edge: 12 },
};

/**
 * Writes the fixture into a folder: checkpoint/ as save_pretrained lays it out, and a graph for every part that the
 * testkit offers. The same bytes every time.
 * @param {string} folder
 */
export async function writeFixture(folder) {
  const checkpoint = join(folder, 'checkpoint');
  const graphs = join(folder, 'graphs');
  await Promise.all([mkdir(checkpoint, { recursive: true }), mkdir(graphs, { recursive: true })]);
  await writeFile(join(checkpoint, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  await writeFile(join(checkpoint, 'preprocessor_config.json'), `${JSON.stringify(processor, null, 2)}\n`);
  await writeSafetensors(join(checkpoint, 'model.safetensors'), weights());

  const opened = await openCheckpoint(checkpoint);
  const source = createModelSource({ ...opened, id: 'testkit-fixture' });
  for (const part of fixtureParts) {
    const { bytes } = await source.onnx(part);
    await writeFile(join(graphs, part.file), bytes);
  }
}

/** Seeded weights, large enough that attention is not uniform and every tensor matters. */
function weights() {
  const random = gaussians(20_251_123);
  return Object.fromEntries(
    tensorLayout(parseModelConfig(config, 'config.json'))
      .filter(({ required }) => required)
      .map(({ name, shape }) => {
        const count = shape.reduce((product, dimension) => product * dimension, 1);
        const [centre, spread] = distribution(name, count / (shape[0] ?? 1));
        return [
          name,
          { dims: shape, data: Float32Array.from({ length: count }, () => centre + spread * random()) },
        ];
      }),
  );
}

/**
 * Mean and standard deviation of the values of a tensor.
 * @param {string} name
 * @param {number} inputs how many values make one output of a matrix
 * @returns {[number, number]}
 */
function distribution(name, inputs) {
  if (name.includes('norm') && name.endsWith('weight')) return [1, 0.2];
  if (name.endsWith('bias')) return [0, 0.1];
  if (name.includes('position') || name.includes('cls')) return [0, 0.5];
  return [0, 1.6 / Math.sqrt(inputs)];
}

/**
 * Standard normal numbers by the Box-Muller transform over a linear congruential sequence.
 * @param {number} seed
 */
function gaussians(seed) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
