import type { ModelPart, ModelSource, Tensor } from '@webssl/backend';
import { nmse } from '@webssl/metrics';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { inspectGraph } from './inspect-graph.js';
import { randomTensor } from './testing/random-tensor.js';
import { runGraph, runSingle } from './testing/run-graph.js';

const size = { height: 224, width: 224 };
const pixels = randomTensor([1, 3, 224, 224]);

describe.each(['vit-tiny-p14', 'dinov2-tiny-p14'])('parts of %s', (name) => {
  let source: ModelSource;
  let whole: Tensor;
  const part = (options: Omit<ModelPart, 'size' | 'batch'> & Partial<ModelPart>) =>
    source.onnx({ size, batch: 1, ...options });

  beforeAll(async () => {
    source = createModelSource(await openCheckpoint(goldenCheckpoint(name)));
    whole = await runSingle(await part({ outputs: ['last_hidden_state'] }), pixels);
  });

  it('gives, layers 0 to 2 and then 2 to 4, the whole model bit for bit', async () => {
    const lower = await part({ layers: [0, 2], outputs: ['hidden_states.2'] });
    const upper = await part({ layers: [2, 4], outputs: ['last_hidden_state'] });
    expect(upper.input).toBe('hidden_states');
    const chained = await runSingle(upper, await runSingle(lower, pixels));
    expect(chained).toEqual(whole);
  });

  it('names and uses only the weights of the layers in a part', async () => {
    const { weights } = inspectGraph((await part({ layers: [1, 2], outputs: ['hidden_states.2'] })).bytes);
    expect(weights.length).toBeGreaterThan(0);
    expect(weights.filter((weight) => !weight.name.startsWith('encoder.layer.1.'))).toEqual([]);
  });

  it('uses, for an attention map, the queries and keys of its layer and nothing after them', async () => {
    const { weights } = inspectGraph((await part({ outputs: ['attentions.1'] })).bytes);
    const ofLayer = weights
      .map((weight) => weight.name)
      .filter((weight) => weight.startsWith('encoder.layer.1.'));
    const norm = name.startsWith('vit') ? 'layernorm_before' : 'norm1';
    expect(ofLayer.sort()).toEqual(
      [
        `encoder.layer.1.${norm}.weight`,
        `encoder.layer.1.${norm}.bias`,
        'encoder.layer.1.attention.attention.query.weight',
        'encoder.layer.1.attention.attention.query.bias',
        'encoder.layer.1.attention.attention.key.weight',
        'encoder.layer.1.attention.attention.key.bias',
      ].sort(),
    );
    expect(weights.filter((weight) => /layer\.[23]\.|^layernorm/.test(weight.name))).toEqual([]);
  });

  it('gives the same numbers whichever other outputs are asked for', async () => {
    const model = await part({
      outputs: ['attentions.3', 'hidden_states.4', 'last_hidden_state', 'attentions.0', 'hidden_states.0'],
    });
    const together = await runGraph(model, pixels);
    const declared = inspectGraph(model.bytes).outputs.map((output) => output.name);
    expect(declared).toEqual([
      'attentions.3',
      'hidden_states.4',
      'last_hidden_state',
      'attentions.0',
      'hidden_states.0',
    ]);
    expect(together.get('last_hidden_state')).toEqual(whole);
    for (const output of ['attentions.3', 'attentions.0', 'hidden_states.4', 'hidden_states.0'] as const) {
      expect(await runSingle(await part({ outputs: [output] }), pixels), output).toEqual(
        together.get(output),
      );
    }
  });

  it('gives attention maps whose rows sum to one', async () => {
    const { data, dims } = await runSingle(await part({ outputs: ['attentions.2'] }), pixels);
    expect(dims).toEqual([1, 4, 257, 257]);
    for (let row = 0; row < data.length; row += 257) {
      const total = data.subarray(row, row + 257).reduce((sum, value) => sum + value, 0);
      expect(Math.abs(total - 1)).toBeLessThan(1e-5);
    }
  });

  it('gives the CLS token alone as the first row of the whole', async () => {
    const alone = await runSingle(await part({ outputs: ['last_hidden_state'], tokens: 'cls' }), pixels);
    expect(alone).toEqual({ data: whole.data.slice(0, 64), dims: [1, 1, 64] });
  });

  it('gives the patches as the other rows of the whole', async () => {
    const patches = await runSingle(
      await part({ outputs: ['last_hidden_state'], tokens: 'patches' }),
      pixels,
    );
    expect(patches.dims).toEqual([1, 256, 64]);
    expect(patches.data).toEqual(whole.data.slice(64));
  });

  it('keeps the last layer whole where a map or hidden state of it is asked for beside the CLS token', async () => {
    const results = await runGraph(
      await part({ outputs: ['last_hidden_state', 'hidden_states.4', 'attentions.3'], tokens: 'cls' }),
      pixels,
    );
    expect(results.get('last_hidden_state')).toEqual({ data: whole.data.slice(0, 64), dims: [1, 1, 64] });
    expect(results.get('hidden_states.4')?.dims).toEqual([1, 257, 64]);
    expect(results.get('attentions.3')?.dims).toEqual([1, 4, 257, 257]);
  });

  it.each([1, 3, 'symbolic'] as const)('declares a batch of %s', async (batch) => {
    const model = await part({ outputs: ['last_hidden_state'], batch });
    const { inputs, outputs } = inspectGraph(model.bytes);
    const dimension = batch === 'symbolic' ? 'batch' : batch;
    expect(inputs).toEqual([{ name: 'pixel_values', dims: [dimension, 3, 224, 224] }]);
    expect(outputs).toEqual([{ name: 'last_hidden_state', dims: [dimension, 257, 64] }]);
  });

  it.each([
    ['symbolic', 'all'],
    ['symbolic', 'cls'],
    [3, 'all'],
    [3, 'cls'],
  ] as const)(
    'gives every image of a %s batch, tokens %s, what it gives the image alone',
    async (batch, tokens) => {
      const images = randomTensor([3, 3, 224, 224], 7);
      const model = await part({ outputs: ['last_hidden_state'], batch, tokens });
      const together = await runSingle(model, images);
      const single = await part({ outputs: ['last_hidden_state'], tokens });
      const rowLength = together.data.length / 3;
      for (let index = 0; index < 3; index++) {
        const image = images.data.slice(
          (index * images.data.length) / 3,
          ((index + 1) * images.data.length) / 3,
        );
        const alone = await runSingle(single, { data: image, dims: [1, 3, 224, 224] });
        const row = together.data.slice(index * rowLength, (index + 1) * rowLength);
        expect(row).toEqual(alone.data);
      }
    },
  );

  it('leaves out layers: the hidden states before and after are the same', async () => {
    const shortened = createModelSource(await openCheckpoint(goldenCheckpoint(name)), { omitLayers: [3, 1] });
    const states = await runGraph(
      await shortened.onnx({
        size,
        batch: 1,
        outputs: ['hidden_states.1', 'hidden_states.2', 'hidden_states.3'],
      }),
      pixels,
    );
    expect(states.get('hidden_states.2')).toEqual(states.get('hidden_states.1'));
    expect(states.get('hidden_states.3')).not.toEqual(states.get('hidden_states.2'));
    const cls = await runSingle(
      await shortened.onnx({ size, batch: 1, outputs: ['last_hidden_state'], tokens: 'cls' }),
      pixels,
    );
    const all = await runSingle(
      await shortened.onnx({ size, batch: 1, outputs: ['last_hidden_state'] }),
      pixels,
    );
    expect(cls.data).toEqual(all.data.slice(0, 64));
    expect(nmse(all.data, whole.data)).toBeGreaterThan(1e-3);
    expect(shortened.key).toBe(`${source.key}-without-1-3`);
  });
});
