import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nmse } from '@webssl/metrics';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { goldenTensors } from '../testing.js';
import { writeTransformersJsModel } from './transformers-js-model.js';

const checkpoint = 'vit-tiny-p14';
const size = { height: 224, width: 224 };

let folder: string;
let model: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transformers-js-model-'));
  await cp(goldenCheckpoint(checkpoint), join(folder, 'checkpoint'), { recursive: true });
  model = join(folder, 'model');
  await writeTransformersJsModel(
    { checkpoint: await openCheckpoint(join(folder, 'checkpoint')), size },
    model,
  );
});

afterEach(() => rm(folder, { recursive: true }));

async function run(graph: string, pixels: Float32Array): Promise<Tensor> {
  const session = await InferenceSession.create(join(model, 'onnx', graph));
  const { last_hidden_state: output } = await session.run({
    pixel_values: new Tensor('float32', pixels, [1, 3, size.height, size.width]),
  });
  await session.release();
  if (output === undefined) throw new Error('no output');
  return output as Tensor;
}

it('gives graphs that a runtime opens by path, and that compute what the reference computes', async () => {
  const { pixelValues, lastHiddenState } = await goldenTensors(checkpoint);
  const all = await run('model.onnx', pixelValues.data);
  expect(all.dims).toEqual(lastHiddenState.dims);
  expect(nmse(all.data as Float32Array, lastHiddenState.data)).toBeLessThanOrEqual(1e-10);

  const cls = await run('model_cls.onnx', pixelValues.data);
  const width = lastHiddenState.dims[2] ?? 0;
  expect(cls.dims).toEqual([1, 1, width]);
  expect(nmse(cls.data as Float32Array, lastHiddenState.data.subarray(0, width))).toBeLessThanOrEqual(1e-10);
});

it('links the weights and copies the configs', async () => {
  const [original, linked] = await Promise.all([
    stat(join(folder, 'checkpoint', 'model.safetensors')),
    stat(join(model, 'onnx', 'model.safetensors')),
  ]);
  expect(linked.ino).toBe(original.ino);
  for (const name of ['config.json', 'preprocessor_config.json']) {
    expect(await readFile(join(model, name), 'utf8')).toBe(
      await readFile(join(folder, 'checkpoint', name), 'utf8'),
    );
  }
});
