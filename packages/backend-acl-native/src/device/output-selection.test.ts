import type { OutputName } from '@webssl/backend';
import { describe, expect, it } from 'vitest';
import { BatchResult } from './batch-result.js';
import type { LoadedModel } from './model-description.js';
import { selectWanted, type WantedOutput } from './output-selection.js';

/** A model of 1 + 4 tokens; value v of token t of image i of output o is 1000 o + 100 i + 10 t + v. */
const outputNames: readonly OutputName[] = ['hidden_states.1', 'last_hidden_state'];

function model(width: number, bytesPerValue: 2 | 4): LoadedModel {
  const tensor = { rowDims: [5, width], rowValues: 5 * width, bytesPerValue, bytes: 0 };
  return {
    pixels: { name: 'pixel_values', rowDims: [], rowValues: 0, bytesPerValue: 4, bytes: 0, index: 0 },
    batchSize: undefined,
    outputs: outputNames.map((output, index) => ({ ...tensor, output, name: output, index })),
  };
}

const valueAt = (output: number, image: number, token: number, value: number) =>
  1000 * output + 100 * image + 10 * token + value;

/** The device's memory of an output, and what an asynchronous copy makes of it. */
function copied(wanted: WantedOutput, images: number, width: number): Uint8Array {
  const values = Array.from({ length: images * 5 * width }, (_, at) =>
    valueAt(wanted.index, Math.floor(at / (5 * width)), Math.floor(at / width) % 5, at % width),
  );
  const device = new Uint8Array(
    wanted.bytesPerValue === 4 ? Float32Array.from(values).buffer : Uint16Array.from(values).buffer,
  );
  const host = new Uint8Array(images * wanted.hostStride).fill(0xff);
  for (let image = 0; image < images; image += 1) {
    const from = image * wanted.deviceStride;
    host.set(device.subarray(from, from + wanted.copiedBytes), image * wanted.hostStride);
  }
  return host;
}

describe.each([
  ['whose rows are aligned', 32],
  ['whose rows are not aligned', 3],
] as const)('of a model %s', (_what, width) => {
  it.each([
    ['all', [0, 1, 2, 3, 4]],
    ['cls', [0]],
    ['patches', [1, 2, 3, 4]],
  ] as const)('a run gets %s tokens', (tokens, expected) => {
    const wanted = selectWanted(model(width, 4), ['last_hidden_state', 'hidden_states.1'], 'all', tokens);
    const result = new BatchResult(3, wanted);
    for (const output of wanted) {
      result.add(output, copied(output, 2, width), 0, 2);
      result.add(output, copied(output, 1, width), 2, 1);
    }
    const rows = (index: number, kept: readonly number[]) =>
      [0, 1, 0].flatMap((image) =>
        kept.flatMap((token) =>
          Array.from({ length: width }, (_, value) => valueAt(index, image, token, value)),
        ),
      );
    expect(result.tensors.last_hidden_state?.dims).toEqual([3, expected.length, width]);
    expect([...(result.tensors.last_hidden_state?.data ?? [])]).toEqual(rows(1, expected));
    expect([...(result.tensors['hidden_states.1']?.data ?? [])]).toEqual(rows(0, [0, 1, 2, 3, 4]));
  });

  it('every copy begins at an aligned address', () => {
    for (const tokens of ['all', 'cls', 'patches'] as const) {
      const [wanted] = selectWanted(model(width, 4), ['last_hidden_state'], 'all', tokens);
      if (wanted === undefined) throw new Error('nothing was selected');
      if (wanted.copiedBytes === wanted.deviceStride) continue;
      expect([wanted.deviceStride % 64, wanted.hostStride % 64]).toEqual([0, 0]);
    }
  });
});

it('the CLS token alone is copied where rows are aligned', () => {
  const [wanted] = selectWanted(model(32, 4), ['last_hidden_state'], 'all', 'cls');
  expect(wanted).toMatchObject({ copiedBytes: 128, hostStride: 128, deviceStride: 640 });
});

it('float16 outputs become float32', () => {
  const [wanted] = selectWanted(model(3, 2), ['last_hidden_state'], 'all', 'all');
  if (wanted === undefined) throw new Error('nothing was selected');
  const result = new BatchResult(1, [wanted]);
  const bits = Uint16Array.from({ length: 15 }, (_, index) => 0x3c00 + (index << 10));
  result.add(wanted, new Uint8Array(bits.buffer), 0, 1);
  expect([...(result.tensors.last_hidden_state?.data ?? [])]).toEqual(
    Array.from({ length: 15 }, (_, index) => 2 ** index),
  );
});

it('tokens that the model gives alone are taken as they are', () => {
  const [wanted] = selectWanted(model(32, 4), ['last_hidden_state'], 'patches', 'patches');
  expect(wanted).toMatchObject({ hostOffset: 0, rowValues: 160, copiedBytes: 640 });
});
