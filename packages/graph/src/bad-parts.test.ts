import type { ModelPart, OutputName } from '@webssl/backend';
import { WebsslError } from '@webssl/backend';
import { type Checkpoint, openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';

const checkpoint = await openCheckpoint(goldenCheckpoint('vit-tiny-p14'));
const good: ModelPart = { size: { height: 224, width: 224 }, batch: 1, outputs: ['last_hidden_state'] };

async function failure(part: Partial<ModelPart>, from: Checkpoint = checkpoint): Promise<WebsslError> {
  const error: unknown = await createModelSource(from)
    .onnx({ ...good, ...part })
    .catch((reason: unknown) => reason);
  if (!WebsslError.isInstance(error)) throw new Error(`expected an error of ours, not ${String(error)}`);
  return error;
}

describe('parts that cannot be built', () => {
  it.each([
    [{ height: 225, width: 224 }, '225x224'],
    [{ height: 224, width: 230 }, '224x230'],
    [{ height: 0, width: 224 }, '0x224'],
    [{ height: -14, width: 224 }, '-14x224'],
    [{ height: Number.NaN, width: 224 }, 'NaNx224'],
    [{ height: 14.5, width: 224 }, '14.5x224'],
  ])('size %j', async (size, words) => {
    const error = await failure({ size });
    expect(error.code).toBe('GRAPH_SIZE_INVALID');
    expect(error.message).toContain(words);
    expect(error.message).toContain('multiples of 14');
  });

  it('a size whose position embeddings do not fit into a model', async () => {
    const error = await failure({ size: { height: 14 * 4096, width: 14 * 4096 } });
    expect(error.code).toBe('GRAPH_SIZE_INVALID');
    expect(error.message).toContain('smaller input');
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a batch of %s', async (batch) => {
    const error = await failure({ batch });
    expect(error.code).toBe('GRAPH_BATCH_INVALID');
    expect(error.message).toContain(`batch of ${batch}`);
  });

  it.each<[number, number]>([
    [-1, 2],
    [0, 5],
    [2, 2],
    [3, 1],
    [0.5, 2],
    [Number.NaN, 2],
  ])('layers %s to %s', async (from, to) => {
    const error = await failure({ layers: [from, to], outputs: ['hidden_states.1'] });
    expect(error.code).toBe('GRAPH_LAYER_OUT_OF_RANGE');
    expect(error.message).toContain('layers 0 to 3');
  });

  it.each<[OutputName, readonly [number, number], string]>([
    ['hidden_states.5', [0, 4], 'from 0 to 4'],
    ['attentions.4', [0, 4], 'from 0 to 3'],
    ['hidden_states.1', [1, 3], 'from 2 to 3'],
    ['hidden_states.4', [1, 3], 'from 2 to 3'],
    ['attentions.0', [1, 3], 'from 1 to 2'],
    ['last_hidden_state', [0, 3], 'the last layer'],
  ])('%s of layers %j', async (output, layers, words) => {
    const error = await failure({ layers, outputs: [output] });
    expect(error.code).toBe('GRAPH_LAYER_OUT_OF_RANGE');
    expect(error.message).toContain(output);
    expect(error.message).toContain(words);
  });

  it.each([
    'pooler_output',
    'hidden_states.',
    'hidden_states.-1',
    'hidden_states.01',
    'attentions.1.0',
    'attentions',
    '',
  ])('the unknown output %j', async (output) => {
    const error = await failure({ outputs: [output as OutputName] });
    expect(error.code).toBe('GRAPH_OUTPUT_UNKNOWN');
    expect(error.message).toContain(JSON.stringify(output));
  });

  it('no output', async () => {
    const error = await failure({ outputs: [] });
    expect(error.code).toBe('GRAPH_OUTPUTS_INVALID');
    expect(error.message).toContain('at least one');
  });

  it('the same output twice', async () => {
    const error = await failure({ outputs: ['attentions.1', 'attentions.1'] });
    expect(error.code).toBe('GRAPH_OUTPUTS_INVALID');
    expect(error.message).toContain('attentions.1');
  });

  it.each([4, -1, 1.5])('a model without layer %s', (layer) => {
    expect(() => createModelSource(checkpoint, { omitLayers: [layer] })).toThrow(
      expect.objectContaining({
        code: 'GRAPH_LAYER_OUT_OF_RANGE',
        message: expect.stringContaining(`Layer ${layer}`),
      }),
    );
  });

  it('the attention map of a layer that is left out', async () => {
    const error: unknown = await createModelSource(checkpoint, { omitLayers: [2] })
      .onnx({ ...good, outputs: ['attentions.2'] })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'GRAPH_LAYER_OUT_OF_RANGE',
      message: expect.stringContaining('left out'),
    });
  });
});

describe('checkpoints that do not fit', () => {
  it('a tensor is missing', async () => {
    const tensors = new Map(checkpoint.tensors);
    tensors.delete('layernorm.weight');
    const error = await failure({}, { ...checkpoint, tensors });
    expect(error.code).toBe('GRAPH_TENSOR_MISSING');
    expect(error.message).toContain('layernorm.weight');
  });

  it('a tensor is not float32', async () => {
    const tensors = new Map(
      [...checkpoint.tensors].map(([name, tensor]) => [name, { ...tensor, type: 'BF16' as const }]),
    );
    const error = await failure({}, { ...checkpoint, tensors });
    expect(error.code).toBe('GRAPH_WEIGHT_TYPE_UNSUPPORTED');
    expect(error.message).toContain('BF16');
  });

  it('a weight file is gone', async () => {
    const index = {
      ...checkpoint.index,
      files: [{ file: '/nowhere/model.safetensors', dataOffset: 8, byteLength: 8 }],
    };
    const error = await failure({}, { ...checkpoint, index });
    expect(error.code).toBe('GRAPH_WEIGHTS_UNREACHABLE');
    expect(error.message).toContain('/nowhere/model.safetensors');
    expect(error.cause).toMatchObject({ code: 'ENOENT' });
  });

  it('a tensor lies in a file that the index does not list', async () => {
    const tensors = new Map(
      [...checkpoint.tensors].map(([name, tensor]) => [name, { ...tensor, file: 'other.safetensors' }]),
    );
    const error = await failure({}, { ...checkpoint, tensors });
    expect(error.code).toBe('GRAPH_WEIGHTS_UNREACHABLE');
    expect(error.message).toContain('other.safetensors');
  });
});
