import { type Checkpoint, openCheckpoint } from '@webssl/registry';
import { readTensor, readTensorBytes, type TensorEntry } from '@webssl/tensor-files';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { buildPart } from '../build-part.js';
import { createModelSource } from '../create-model-source.js';
import { linearLayers } from '../layer-tensors.js';
import { planPart } from '../part-plan.js';
import { randomTensor } from '../testing/random-tensor.js';
import { runSingle } from '../testing/run-graph.js';
import { scratchFolder } from '../testing/scratch-folder.js';
import { writeRandomCheckpoint } from '../testing/write-random-checkpoint.js';
import { derivedWeightSet, type WeightSet } from '../weight-set.js';
import { derivedWeights } from './derived-weights.js';
import { type Smoothing, smoothingPlaces } from './smoothing.js';
import { int8Names } from './weight-recipe.js';

const scratch = scratchFolder();

const small = {
  ...{ hidden_size: 24, num_hidden_layers: 2, num_attention_heads: 3 },
  ...{ image_size: 32, patch_size: 8, model_type: 'dinov2' },
};

const models: readonly (readonly [string, () => Promise<Checkpoint>])[] = [
  ['ViT', () => openCheckpoint(goldenCheckpoint('vit-tiny-p14'))],
  ['DINOv2 with SwiGLU', () => openCheckpoint(goldenCheckpoint('dinov2-tiny-p14'))],
  ['DINOv2 with a plain feed-forward network', () => random('plain', { ...small, mlp_ratio: 2 })],
  [
    'DINOv2 without query, key and value biases',
    () => random('without biases', { ...small, use_swiglu_ffn: true, qkv_bias: false }),
  ],
];

async function random(name: string, config: Readonly<Record<string, unknown>>): Promise<Checkpoint> {
  const folder = await scratch.create(name);
  await writeRandomCheckpoint(folder, config);
  return openCheckpoint(folder);
}

/** Every place that a model has, with exponents from -8 to 8. */
function randomSmoothing({ config }: Checkpoint): Smoothing {
  const places = smoothingPlaces(config);
  return Object.fromEntries(
    places.map(({ name, channels }, place) => [
      name,
      Array.from(randomTensor([channels], 100 + place).data, (value) => Math.round(8 * value)),
    ]),
  );
}

describe.each(models)('smoothing every place of a %s', (name, open) => {
  it('leaves what the model computes in float32 as it is, to the last bit', async () => {
    const checkpoint = await open();
    const { config } = checkpoint;
    const side = config.imageSize;
    const part = {
      ...{ size: { height: side, width: side }, batch: 1 },
      outputs: ['last_hidden_state'] as const,
    };
    const pixels = randomTensor([1, 3, side, side], 5);
    const smoothing = randomSmoothing(checkpoint);
    expect(Object.keys(smoothing)).toHaveLength(config.layers * (config.feedForward === 'swiglu' ? 4 : 3));

    const index = await derivedWeights(
      checkpoint,
      { weightBits: 7, smoothing, float32: 'every' },
      { cacheFolder: await scratch.create(`cache of ${name}`) },
    );
    const float32 = new Set(linearLayers(config).map((linear) => linear.name));
    const smoothed = await buildPart(config, derivedWeightSet(index, float32), planPart(part, config));

    const expected = await runSingle(await createModelSource(checkpoint).onnx(part), pixels);
    const result = await runSingle(smoothed, pixels);
    expect(result.dims).toEqual(expected.dims);
    // Powers of two change no digit, in whatever order the products are added up.
    expect(result.data).toEqual(expected.data);
  });
});

describe('the exponents of a place', () => {
  const place = '1/gathered';
  const [maker, reader] = ['attention.attention.value', 'attention.output.dense'].map(
    (part) => `encoder.layer.1.${part}`,
  ) as [string, string];

  it('divide the rows that make its channels and multiply the columns that read them, and nothing else', async () => {
    const { checkpoint, weights, exponents } = await smoothedAt('float32');
    const changed = new Set<string>();
    for (const [name, entry] of checkpoint.tensors) {
      const [before, after] = await Promise.all([readTensor(entry), readTensor(weights.tensor(name))]);
      const columns = before.data.length / (before.dims[0] ?? 1);
      const scaled = before.data.map((value, index) => {
        const [row, column] = [Math.floor(index / columns), index % columns];
        if (name.startsWith(`${maker}.`)) return value * 2 ** -(exponents[row] ?? 0);
        return name === `${reader}.weight` ? value * 2 ** (exponents[column] ?? 0) : value;
      });
      expect(after.data, name).toEqual(scaled);
      if (scaled.some((value, index) => value !== before.data[index])) changed.add(name);
    }
    expect([...changed].sort()).toEqual([`${maker}.bias`, `${maker}.weight`, `${reader}.weight`]);
  });

  it('are in the whole numbers too', async () => {
    const { checkpoint, weights, exponents } = await smoothedAt('int8');
    const { data, dims } = await readTensor(checkpoint.tensors.get(`${reader}.weight`) as TensorEntry);
    const [rows = 0, columns = 0] = dims;
    const names = int8Names(reader);
    const scales = (await readTensor(weights.tensor(names.scale))).data;
    const whole = await bytesOf(weights.tensor(names.weight));
    for (let row = 0; row < rows; row++) {
      const scale = scales[row] ?? Number.NaN;
      for (let column = 0; column < columns; column++) {
        const expected = (data[row * columns + column] ?? 0) * 2 ** (exponents[column] ?? 0);
        const found = (whole[column * rows + row] ?? Number.NaN) * scale;
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(0.5001 * scale);
      }
    }
  });

  async function smoothedAt(form: 'float32' | 'int8') {
    const checkpoint = await openCheckpoint(goldenCheckpoint('vit-tiny-p14'));
    const exponents = randomSmoothing(checkpoint)[place] ?? [];
    const index = await derivedWeights(
      checkpoint,
      { weightBits: 7, smoothing: { [place]: exponents }, float32: form === 'int8' ? [] : 'every' },
      { cacheFolder: await scratch.create(`cache of one place in ${form}`) },
    );
    const weights: WeightSet = derivedWeightSet(index);
    return { checkpoint, weights, exponents };
  }
});

async function bytesOf(tensor: TensorEntry): Promise<Int8Array> {
  const bytes = await readTensorBytes(tensor);
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
