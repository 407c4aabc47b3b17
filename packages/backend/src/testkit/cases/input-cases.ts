import assert from 'node:assert/strict';
import type { PixelBatch } from '../../tensor.js';
import { sameBits, tensorOf } from '../assertions.js';
import type { CaseContext, CaseDefinition } from '../case-context.js';
import { fixturePixels } from '../fixture-pixels.js';

const { data } = fixturePixels([0]);

const badInputs: Readonly<Record<string, unknown>> = {
  'another height': { data: data.slice(0, 3 * 8 * 12), dims: [1, 3, 8, 12] },
  'another width': { data: new Float32Array(3 * 12 * 16), dims: [1, 3, 12, 16] },
  'one channel': { data: data.slice(0, 144), dims: [1, 1, 12, 12] },
  'no batch dimension': { data, dims: [3, 12, 12] },
  'an empty batch': { data: new Float32Array(0), dims: [0, 3, 12, 12] },
  'too few values': { data: data.slice(1), dims: [1, 3, 12, 12] },
  'too many values': { data: fixturePixels([0, 1]).data, dims: [1, 3, 12, 12] },
  'float64 values': { data: Float64Array.from(data), dims: [1, 3, 12, 12] },
  'a plain list': { data: [...data], dims: [1, 3, 12, 12] },
  'a fractional batch': { data, dims: [1.5, 3, 12, 12] },
  nothing: undefined,
};

export const inputCases: readonly CaseDefinition[] = [
  ...Object.entries(badInputs).map(([name, input]) => ({
    name: `input that does not fit is refused, and the session stays usable: ${name}`,
    async check(context: CaseContext) {
      const session = await context.open();
      await context.assertRejects(session.run(input as PixelBatch), 'BACKEND_INPUT_INVALID', name);
      await context.assertUsable(session);
    },
  })),
  {
    name: 'the input is not modified',
    async check(context) {
      const session = await context.open();
      const pixels = fixturePixels([0, 1, 2]);
      await session.run(pixels);
      assert.equal(pixels.data.length, 3 * data.length, 'the input lost its memory');
      assert.ok(sameBits(pixels.data, fixturePixels([0, 1, 2]).data), 'the input was written to');
    },
  },
  {
    name: 'the caller may reuse the input once the run has settled, also after an abort',
    async check(context) {
      const session = await context.open();
      const pixels = fixturePixels([0, 1]);
      const first = await session.run(pixels);
      pixels.data.set(fixturePixels([5, 6]).data);
      const controller = new AbortController();
      const aborted = session.run(pixels, { signal: controller.signal });
      controller.abort();
      await aborted.catch(() => {});
      pixels.data.set(fixturePixels([7, 8]).data);
      const second = await session.run(pixels);
      context.assertValues(first, [0, 1], 'last_hidden_state');
      context.assertValues(second, [7, 8], 'last_hidden_state');
    },
  },
  {
    name: 'an input in shared memory is read there',
    async check(context) {
      const session = await context.open();
      const { data: values, dims } = fixturePixels([1, 2]);
      const shared = new Float32Array(new SharedArrayBuffer(values.byteLength + 8)).subarray(1, -1);
      shared.set(values);
      const result = await session.run({ data: shared, dims });
      context.assertValues(result, [1, 2], 'last_hidden_state');
    },
  },
  {
    name: 'an input that is a part of a larger buffer is read from where it begins',
    async check(context) {
      const session = await context.open();
      const whole = fixturePixels([0, 1, 2]).data;
      const part = whole.subarray(data.length, 2 * data.length);
      const result = await session.run({ data: part, dims: [1, 3, 12, 12] });
      context.assertValues(result, [1], 'last_hidden_state');
    },
  },
  {
    name: 'a result belongs to its caller: no later run changes it',
    async check(context) {
      const session = await context.open();
      const first = await session.run(fixturePixels([0]));
      const second = await session.run(fixturePixels([1]));
      context.assertValues(first, [0], 'last_hidden_state');
      tensorOf(first, 'last_hidden_state').data.fill(7);
      context.assertValues(second, [1], 'last_hidden_state');
      context.assertValues(await session.run(fixturePixels([0])), [0], 'last_hidden_state');
    },
  },
];
