import type { ModelPart, OnnxModel } from '@webssl/backend';
import { nmse } from '@webssl/metrics';
import { openCheckpoint } from '@webssl/registry';
import { openTensorIndex, readTensor, type TensorEntry } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenOutputs } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { inspectGraph } from './inspect-graph.js';
import { listDerivedFiles } from './quantization/derived-files.js';
import { storeQuantizationPlan } from './quantization/quantization-plan.js';
import { examplePlan } from './testing/example-plan.js';
import { randomTensor } from './testing/random-tensor.js';
import { runSingle } from './testing/run-graph.js';
import { scratchFolder } from './testing/scratch-folder.js';

const scratch = scratchFolder();
const open = () => openCheckpoint(goldenCheckpoint('vit-tiny-p14'));
const part = { size: { height: 224, width: 224 }, batch: 1, outputs: ['last_hidden_state'] } as const;

const int8Layers = ({ bytes }: OnnxModel) =>
  inspectGraph(bytes).operators['com.microsoft.DynamicQuantizeMatMul'] ?? 0;

describe('a graph in int8', () => {
  it.each(goldenOutputs())('is near the reference: $checkpoint, $image, size $size', async (golden) => {
    const { tensors } = await openTensorIndex(golden.path);
    const [pixels, expected] = await Promise.all(
      ['pixel_values', 'last_hidden_state'].map((name) => readTensor(tensors.get(name) as TensorEntry)),
    );
    if (pixels === undefined || expected === undefined) throw new Error('no golden tensors');
    const [, , height = 0, width = 0] = pixels.dims;
    const checkpoint = await openCheckpoint(goldenCheckpoint(golden.checkpoint));
    const cacheFolder = await scratch.create('golden');

    const model = await createModelSource(checkpoint, { cacheFolder }).onnx({
      ...{ ...part, size: { height, width } },
      ...{ precision: 'int8', weightBits: 7 },
    });

    expect(model.precision).toBe('int8');
    expect(int8Layers(model)).toBe(6 * checkpoint.config.layers);
    const error = nmse((await runSingle(model, pixels)).data, expected.data);
    expect(error).toBeGreaterThan(1e-8);
    expect(error).toBeLessThan(0.01);
  });

  it('has another operator set beside the standard one; a graph in float32 has not', async () => {
    const source = createModelSource(await open(), { cacheFolder: await scratch.create('operators') });
    const sets = async (precision: string) =>
      inspectGraph((await source.onnx({ ...part, precision })).bytes).operatorSets;
    expect(await sets('int8')).toEqual({ '': 15, 'com.microsoft': 1 });
    expect(await sets('fp32')).toEqual({ '': 15 });
  });
});

describe('a graph for bf16', () => {
  it.each(goldenOutputs())(
    'computes what the reference computes, where the processor has no bf16: $checkpoint, $image, size $size',
    async (golden) => {
      const { tensors } = await openTensorIndex(golden.path);
      const [pixels, expected] = await Promise.all(
        ['pixel_values', 'last_hidden_state'].map((name) => readTensor(tensors.get(name) as TensorEntry)),
      );
      if (pixels === undefined || expected === undefined) throw new Error('no golden tensors');
      const [, , height = 0, width = 0] = pixels.dims;
      const source = createModelSource(await openCheckpoint(goldenCheckpoint(golden.checkpoint)));
      const model = await source.onnx({ ...part, size: { height, width }, precision: 'bf16' });
      expect(model.precision).toBe('bf16');
      const { operators } = inspectGraph(model.bytes);
      expect(operators).not.toHaveProperty('Gemm');
      expect(operators['MatMul']).toBeGreaterThan(0);
      expect(nmse((await runSingle(model, pixels)).data, expected.data)).toBeLessThanOrEqual(1e-10);
    },
  );
});

describe('CLS alone', () => {
  it.each(['int8', 'bf16', 'tuned'])('in %s is CLS among all tokens, bit for bit', async (precision) => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create(`cls in ${precision}`)];
    await storeQuantizationPlan(checkpoint, await examplePlan(checkpoint), cacheFolder);
    const source = createModelSource(checkpoint, { cacheFolder });
    const pixels = randomTensor([1, 3, 224, 224]);
    const all = await source.onnx({ ...part, precision, weightBits: 7 });
    const cls = await source.onnx({ ...part, precision, weightBits: 7, tokens: 'cls' });
    const { data, dims } = await runSingle(cls, pixels);
    expect(dims).toEqual([1, 1, 64]);
    expect(data).toEqual((await runSingle(all, pixels)).data.slice(0, 64));
  });
});

describe('the recipe of the weights', () => {
  it('is named by a graph on derived ones, as the list of derived files does, and is another for every plan', async () => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create('recipes')];
    const source = createModelSource(checkpoint, { cacheFolder });
    const recipe = async (precision: string) =>
      (await source.onnx({ ...part, precision, weightBits: 7 })).weightRecipe;
    expect(await recipe('fp32')).toBeUndefined();
    expect(await recipe('bf16')).toBeUndefined();
    const plan = await examplePlan(checkpoint);
    await storeQuantizationPlan(checkpoint, plan, cacheFolder);
    const [plain, tuned] = [await recipe('int8'), await recipe('tuned')];
    const listed = await listDerivedFiles(cacheFolder);
    expect(listed.map(({ kind, recipe: name }) => [kind, name])).toEqual(
      expect.arrayContaining([
        ['int8 weights', plain],
        ['int8 weights', tuned],
        ['plan', tuned],
      ]),
    );
    await storeQuantizationPlan(checkpoint, { ...plan, float32: [] }, cacheFolder);
    expect(new Set([plain, tuned, await recipe('tuned')]).size).toBe(3);
  });
});

describe('a precision that a graph cannot be had in', () => {
  it.each(['fp8', 'fp16', ''])('"%s" is refused', async (precision) => {
    const source = createModelSource(await open(), { cacheFolder: await scratch.create('refused') });
    await expect(source.onnx({ ...part, precision })).rejects.toMatchObject({
      code: 'GRAPH_PRECISION_UNSUPPORTED',
      message: expect.stringContaining(JSON.stringify(precision)),
      details: { supported: ['fp32', 'bf16', 'int8', 'tuned'] },
    });
  });
});

describe('a graph in the precision tuned', () => {
  it('without a plan is refused, with the command that makes one', async () => {
    const checkpoint = await open();
    const source = createModelSource(checkpoint, { cacheFolder: await scratch.create('no plan') });
    await expect(source.onnx({ ...part, precision: 'tuned' })).rejects.toMatchObject({
      code: 'GRAPH_PLAN_MISSING',
      message: expect.stringContaining(`webssl tune --model ${checkpoint.id}`),
    });
  });

  it('leaves in float32 what the plan says, and is near the graph in float32', async () => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create('planned')];
    await storeQuantizationPlan(checkpoint, await examplePlan(checkpoint), cacheFolder);
    const source = createModelSource(checkpoint, { cacheFolder });
    const graph = (precision: ModelPart['precision']) =>
      source.onnx({ ...part, ...(precision === undefined ? {} : { precision }), weightBits: 7 });
    const tuned = await graph('tuned');
    expect(tuned.precision).toBe('tuned');
    expect(int8Layers(tuned)).toBe(6 * checkpoint.config.layers - 1);
    expect(inspectGraph(tuned.bytes).weights.map(({ name }) => name)).toContain(
      'encoder.layer.0.attention.output.dense.weight',
    );

    const { tensors } = await openTensorIndex(
      goldenOutputs().find(({ checkpoint: name }) => name === 'vit-tiny-p14')?.path ?? '',
    );
    const pixels = await readTensor(tensors.get('pixel_values') as TensorEntry);
    const [float32, result] = [await runSingle(await graph('fp32'), pixels), await runSingle(tuned, pixels)];
    expect(nmse(result.data, float32.data)).toBeLessThan(0.01);
  });

  it('is refused where the processor takes other weights than the plan was measured with', async () => {
    const [checkpoint, cacheFolder] = [await open(), await scratch.create('other bits')];
    await storeQuantizationPlan(checkpoint, await examplePlan(checkpoint), cacheFolder);
    const source = createModelSource(checkpoint, { cacheFolder });
    await expect(source.onnx({ ...part, precision: 'tuned', weightBits: 8 })).rejects.toMatchObject({
      code: 'GRAPH_PLAN_INVALID',
      message: expect.stringMatching(/a processor.*7 bits.*8.*webssl tune/),
      details: { planned: 7, needed: 8 },
    });
  });
});
