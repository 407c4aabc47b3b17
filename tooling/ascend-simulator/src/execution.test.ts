import { join } from 'node:path';
import { expectedTensor, fixtureOutputs, fixturePixels } from '@webssl/backend/testkit';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compileModel, executeModel, fixtureFolder, gears, native } from './testing.js';

/** Values of one image in the output of the fixture. */
const imageValues = 10 * 12;

/** What onnxruntime-node gives for each image alone. */
async function computeAlone(folder: string, images: readonly number[]): Promise<Float32Array> {
  const session = await InferenceSession.create(join(folder, 'model.onnx'), { intraOpNumThreads: 1 });
  const values: number[] = [];
  for (const image of images) {
    const { data, dims } = fixturePixels([image]);
    const { last_hidden_state: output } = await session.run({
      pixel_values: new Tensor('float32', data, dims),
    });
    if (output === undefined) throw new Error('no output');
    values.push(...((await output.getData()) as Float32Array));
  }
  await session.release();
  return Float32Array.from(values);
}

/** Sum of squared differences over that of the reference's squares. */
function normalisedError(candidate: Float32Array, reference: Float32Array): number {
  let error = 0;
  let energy = 0;
  reference.forEach((value, index) => {
    error += ((candidate[index] ?? Number.NaN) - value) ** 2;
    energy += value ** 2;
  });
  return error / energy;
}

/** The nearest number with 10 bits of mantissa, computed by halving the last place: neither bits nor a format are looked at. */
function roundMantissa(value: number): number {
  if (value === 0) return value;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10);
  const floor = Math.floor(value / unit);
  const rest = value / unit - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return (isUp ? floor + 1 : floor) * unit;
}

describe.skipIf('missing' in native)('an execution', () => {
  it('gives the bits of onnxruntime-node, from a static model', async () => {
    const folder = await fixtureFolder();
    const { values, output } = executeModel(compileModel(folder), fixturePixels([0, 1]).data);
    expect(output).toBe('');
    expect(values).toEqual(await computeAlone(folder, [0, 1]));
    expect(normalisedError(values, expectedTensor([0, 1], 'last_hidden_state').data)).toBeLessThan(1e-11);
  });

  it('gives an image the same bits in every gear and place', async () => {
    const folder = await fixtureFolder();
    const model = compileModel(folder, gears('1,3,4'));
    const [alone] = [executeModel(model, fixturePixels([7]).data, { batch: 1 }).values];
    expect(alone).toEqual(await computeAlone(folder, [7]));
    const three = executeModel(model, fixturePixels([5, 7, 6]).data, { batch: 3 }).values;
    expect(three).toHaveLength(3 * imageValues);
    expect(three.subarray(imageValues, 2 * imageValues)).toEqual(alone);
    const four = executeModel(model, fixturePixels([1, 2, 3, 7]).data, { batch: 4 }).values;
    expect(four.subarray(3 * imageValues)).toEqual(alone);
  });

  it('gives all outputs in the order of the graph', async () => {
    const folder = await fixtureFolder(fixtureOutputs);
    const { values } = executeModel(compileModel(folder), fixturePixels([3, 4]).data);
    const expected = fixtureOutputs.flatMap((name) => [...expectedTensor([3, 4], name).data]);
    expect(values).toHaveLength(expected.length);
    expect(normalisedError(values, Float32Array.from(expected))).toBeLessThan(1e-11);
  });

  it('computes a graph of a fixed batch at once', async () => {
    const folder = await fixtureFolder(['last_hidden_state'], 4);
    const model = compileModel(folder, { input_shape: 'pixel_values:4,3,12,12' });
    const { values } = executeModel(model, fixturePixels([0, 1, 2, 3]).data);
    expect(normalisedError(values, expectedTensor([0, 1, 2, 3], 'last_hidden_state').data)).toBeLessThan(
      1e-11,
    );
  });

  it('reads external weights beside the model', async () => {
    const folder = await fixtureFolder();
    const model = compileModel(folder, { external_weight: '1' });
    const { values } = executeModel(model, fixturePixels([0, 1]).data);
    expect(values).toEqual(await computeAlone(folder, [0, 1]));
  });

  it.each([
    ['fp16', 1e-9, 1e-5],
    ['hf32', 1e-9, 1e-5],
  ] as const)('rounds what goes in and out to %s', async (rounding, atLeast, atMost) => {
    const model = compileModel(await fixtureFolder());
    const { values } = executeModel(model, fixturePixels([0, 1]).data, { configuration: { rounding } });
    const error = normalisedError(values, expectedTensor([0, 1], 'last_hidden_state').data);
    expect(error).toBeGreaterThan(atLeast);
    expect(error).toBeLessThan(atMost);
    // Both formats have 10 bits of mantissa: the lowest 13 of a float32 are 0, where it is not tiny.
    const bits = new Uint32Array(values.buffer);
    values.forEach((value, index) => {
      if (Math.abs(value) > 2 ** -14) expect((bits[index] ?? 1) & 0x1fff).toBe(0);
    });
  });

  it.each(['fp16', 'hf32'] as const)('rounds the inputs to %s before it computes', async (rounding) => {
    const model = compileModel(await fixtureFolder());
    const { data } = fixturePixels([0, 1]);
    const options = { configuration: { rounding } };
    const rounded = data.map(roundMantissa);
    expect(rounded).not.toEqual(data);
    expect(executeModel(model, data, options).values).toEqual(executeModel(model, rounded, options).values);
  });

  it('stubs the computation: every value is the first pixel value of its image', async () => {
    const model = compileModel(await fixtureFolder());
    const { data } = fixturePixels([0, 1]);
    const { values } = executeModel(model, data, { configuration: { stubComputation: true } });
    expect(new Set(values.subarray(0, imageValues))).toEqual(new Set([data[0]]));
    expect(new Set(values.subarray(imageValues))).toEqual(new Set([data[3 * 12 * 12]]));
  });

  it('refuses a model for another SoC', async () => {
    const model = compileModel(await fixtureFolder(), { soc_version: 'Ascend310P3' });
    expect(executeModel(model, fixturePixels([0, 1]).data).output).toContain('aclmdlLoadFromFile');
    const { code } = executeModel(model, fixturePixels([0, 1]).data, {
      configuration: { soc: 'Ascend310P3' },
    });
    expect(code).toBe(0);
  });
});
