import { WebsslError } from '@webssl/backend';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { inspectGraph } from './inspect-graph.js';

const checkpoint = await openCheckpoint(goldenCheckpoint('vit-tiny-p14'));
const { bytes } = await createModelSource(checkpoint).onnx({
  size: { height: 224, width: 224 },
  batch: 'symbolic',
  outputs: ['last_hidden_state'],
});

/** Operators that Ascend's compiler and the CANN execution provider both know, and that opset 15 has. */
const portable = new Set(
  'Add Concat Conv Div Erf Expand Gather Gemm MatMul Mul Pow ReduceMean Reshape Shape Sigmoid Slice Softmax Sqrt Sub Transpose'.split(
    ' ',
  ),
);

describe('what a graph consists of', () => {
  it('is opset 15 of the standard, in operators that every device knows', () => {
    const { irVersion, operatorSets, operators } = inspectGraph(bytes);
    expect(irVersion).toBe(8);
    expect(operatorSets).toEqual({ '': 15 });
    expect(Object.keys(operators).filter((operator) => !portable.has(operator))).toEqual([]);
  });

  it('is small: the weights are outside', () => {
    const { weights, embeddedBytes } = inspectGraph(bytes);
    expect(embeddedBytes).toBeLessThan(1000);
    expect(weights.map(({ name }) => name).sort()).toEqual([...checkpoint.tensors.keys()].sort());
    for (const { name, dims, offset, byteLength } of weights) {
      const tensor = checkpoint.tensors.get(name);
      expect({ dims, offset, byteLength }).toEqual({
        dims: tensor?.shape,
        offset: tensor?.offset,
        byteLength: tensor?.byteLength,
      });
    }
  });

  it('cannot be told of bytes that are no model', () => {
    expect(() => inspectGraph(new Uint8Array([255, 255, 255]))).toThrow(
      expect.objectContaining({ code: 'GRAPH_MODEL_INVALID', message: expect.stringContaining('protobuf') }),
    );
    expect(() => inspectGraph(new Uint8Array())).toThrow(
      expect.objectContaining({ code: 'GRAPH_MODEL_INVALID', message: expect.stringContaining('no graph') }),
    );
  });

  it('fails only in its own words, however a model is damaged', () => {
    const damage = fc.record({
      position: fc.integer({ min: 0, max: bytes.length - 1 }),
      value: fc.integer({ min: 0, max: 255 }),
      end: fc.integer({ min: 0, max: bytes.length }),
    });
    fc.assert(
      fc.property(damage, ({ position, value, end }) => {
        const damaged = bytes.slice(0, end);
        damaged[Math.min(position, end - 1)] = value;
        try {
          inspectGraph(damaged);
        } catch (error) {
          expect(WebsslError.isInstance(error, 'GRAPH_MODEL_INVALID')).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
