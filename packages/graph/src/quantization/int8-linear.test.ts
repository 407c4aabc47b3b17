import type { OnnxModel, Tensor } from '@webssl/backend';
import { nmse } from '@webssl/metrics';
import { type Checkpoint, openCheckpoint } from '@webssl/registry';
import { readTensor, type TensorEntry } from '@webssl/tensor-files';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder.js';
import { linear } from '../layer-context.js';
import { type LinearLayer, linearLayers } from '../layer-tensors.js';
import { randomTensor } from '../testing/random-tensor.js';
import { runSingle } from '../testing/run-graph.js';
import { scratchFolder } from '../testing/scratch-folder.js';
import { writeRandomCheckpoint } from '../testing/write-random-checkpoint.js';
import { locateWeightFiles } from '../weight-files.js';
import { derivedWeightSet } from '../weight-set.js';
import { derivedWeights } from './derived-weights.js';
import { plainRecipe } from './weight-recipe.js';

const scratch = scratchFolder();
const rows = 9;
/** With 8, processors that add up products in 16 bits give something else. */
const weightBits = 7;

const ranges: readonly (readonly [string, (value: number) => number])[] = [
  ['of both signs', (value) => 3 * value + 0.7],
  ['all above zero', (value) => value + 2],
  ['all below zero', (value) => value - 2],
  ['all zero', () => 0],
];

describe('a linear layer in int8 is the formula of whole numbers', () => {
  it.each(ranges)('for activations %s', async (_, shift) => {
    const checkpoint = await openCheckpoint(goldenCheckpoint('dinov2-tiny-p14'));
    const layers = linearLayers(checkpoint.config).filter(({ layer }) => layer === 0);
    expect(layers).toHaveLength(6);
    for (const layer of layers) await expectFormula(checkpoint, layer, shift);
  });

  it('without a bias', async () => {
    const folder = await scratch.create('without a bias');
    await writeRandomCheckpoint(folder, {
      ...{
        model_type: 'vit',
        hidden_size: 24,
        num_hidden_layers: 1,
        num_attention_heads: 3,
        qkv_bias: false,
      },
      ...{ intermediate_size: 40, image_size: 8, patch_size: 8 },
    });
    const checkpoint = await openCheckpoint(folder);
    const [query] = linearLayers(checkpoint.config);
    if (query === undefined || query.hasBias) throw new Error('no layer without a bias');
    await expectFormula(checkpoint, query, (value) => value);
  });
});

async function expectFormula(checkpoint: Checkpoint, layer: LinearLayer, shift: (value: number) => number) {
  const weight = await readTensor(checkpoint.tensors.get(`${layer.name}.weight`) as TensorEntry);
  const [, columns = 0] = weight.dims;
  const { data, dims } = randomTensor([rows, columns], 7);
  const input = { data: data.map(shift), dims };
  const bias = layer.hasBias
    ? await readTensor(checkpoint.tensors.get(`${layer.name}.bias`) as TensorEntry)
    : undefined;

  const result = await runSingle(await graphOf(checkpoint, layer, dims), input);

  const expected = formula(input, weight, bias);
  expect(result.dims).toEqual([rows, weight.dims[0]]);
  expect(nmse(result.data, expected), layer.name).toBeLessThanOrEqual(1e-9);
}

/** A graph of that layer alone. */
async function graphOf(
  checkpoint: Checkpoint,
  layer: LinearLayer,
  dims: readonly number[],
): Promise<OnnxModel> {
  const cacheFolder = await scratch.create('cache');
  const { tensor, int8Matrix, files } = derivedWeightSet(
    await derivedWeights(checkpoint, plainRecipe(weightBits), { cacheFolder }),
  );
  const { folder, ...others } = await locateWeightFiles(files);
  const graph = new GraphBuilder({ folder, ...others });
  const weight = (name: string) => graph.weight(tensor(name));
  const floatOperator = 'Gemm' as const;
  const context = { graph, config: checkpoint.config, tensor, weight, int8Matrix, floatOperator };
  const product = linear(context, 'last_hidden_state', graph.input('input', dims), layer);
  graph.output(product, [rows, tensor(`${layer.name}.weight.int8`).shape[1] ?? 0]);
  return {
    bytes: graph.serialize('one linear layer'),
    ...{ folder, files: graph.usedLocations, weightBytes: graph.weightBytes },
    ...{ input: 'input', outputs: ['last_hidden_state'] },
  };
}

/** ONNX's DynamicQuantizeLinear, a product of whole numbers, and both scales: in float64. */
function formula(input: Tensor, weight: Tensor, bias: Tensor | undefined): number[] {
  const [outputs = 0, columns = 0] = weight.dims;
  const activations = dynamicQuantize(input.data);
  const result: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++) {
      const matrixRow = weight.data.subarray(output * columns, (output + 1) * columns);
      const largest = 2 ** (weightBits - 1) - 1;
      const scale = Math.fround(Math.max(...matrixRow.map(Math.abs)) / largest);
      let sum = 0;
      matrixRow.forEach((value, column) => {
        sum += (activations.whole[row * columns + column] ?? Number.NaN) * Math.round(value / scale);
      });
      result.push(sum * activations.scale * scale + (bias?.data[output] ?? 0));
    }
  }
  return result;
}

/** Whole numbers from which the zero point is already taken. */
function dynamicQuantize(values: Float32Array): {
  readonly whole: readonly number[];
  readonly scale: number;
} {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const scale = most === least ? 1 : (most - least) / 255;
  const clamp = (value: number) => Math.max(0, Math.min(255, value));
  const zeroPoint = roundHalfEven(clamp(-least / scale));
  return {
    scale,
    whole: Array.from(values, (value) => clamp(roundHalfEven(value / scale) + zeroPoint) - zeroPoint),
  };
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
