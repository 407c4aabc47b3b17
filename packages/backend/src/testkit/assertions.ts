import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunResult } from '../contract.js';
import type { OutputName, TokenSelection } from '../outputs.js';
import type { Tensor } from '../tensor.js';
import { WebsslError } from '../webssl-error.js';
import { expectedTensor } from './expected-tensor.js';

/** The tensor of an output; fails where the result has none. */
export function tensorOf(result: RunResult, output: OutputName): Tensor {
  const tensor = result.tensors[output];
  assert.ok(tensor, `the result has no '${output}'`);
  return tensor;
}

/** Fails unless the tensor is right for these images, in shape and in values. */
export function assertValues(
  result: RunResult,
  images: readonly number[],
  output: OutputName,
  tokens: TokenSelection,
  tolerance: number,
): void {
  const { data, dims } = tensorOf(result, output);
  const expected = expectedTensor(images, output, tokens);
  assert.deepEqual([...dims], [...expected.dims], `shape of '${output}'`);
  assert.equal(data.length, expected.data.length, `number of values of '${output}'`);
  let error = 0;
  let energy = 0;
  expected.data.forEach((value, index) => {
    error += (value - (data[index] ?? Number.NaN)) ** 2;
    energy += value ** 2;
  });
  assert.ok(
    error / energy <= tolerance,
    `'${output}' of images ${images.join(', ')}: NMSE ${error / energy} against the reference, tolerance ${tolerance}`,
  );
}

/** Fails unless the promise rejects with one of our errors and this code. */
export async function assertRejects(
  promise: Promise<unknown>,
  code: string,
  what: string,
): Promise<WebsslError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(
      WebsslError.isInstance(error),
      `${what}: rejected with ${String(error)}, which is no WebsslError`,
    );
    assert.equal(error.code, code, `${what}: rejected with '${error.message}'`);
    assert.ok(error.message.length > 0, `${what}: the error has no message`);
    return error;
  }
  assert.fail(`${what}: was not refused`);
}

/** The promise, or a failure where it does not settle in time. */
export async function within<Value>(
  promise: Promise<Value>,
  what: string | (() => string),
  milliseconds: number,
): Promise<Value> {
  const controller = new AbortController();
  try {
    return await Promise.race([
      promise,
      delay(milliseconds, undefined, { signal: controller.signal }).then(() =>
        assert.fail(`${typeof what === 'string' ? what : what()}: not settled after ${milliseconds} ms`),
      ),
    ]);
  } finally {
    controller.abort();
  }
}

/** Whether two tensors have the same values bit for bit. */
export function sameBits(left: Float32Array, right: Float32Array): boolean {
  return bytesOf(left).equals(bytesOf(right));
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
