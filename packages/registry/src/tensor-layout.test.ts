import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTensorIndex } from '@webssl/tensor-files';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { parseModelConfig } from './parse-model-config.js';
import { tensorLayout } from './tensor-layout.js';

const checkpoints = [
  'vit-tiny-p14',
  'vit-tiny-p16',
  'vit-odd-dims',
  'vit-tiny-sharded',
  'dinov2-tiny-p14',
  'dinov2-tiny-518',
];

describe('tensorLayout', () => {
  it.each(checkpoints)('names exactly the tensors that the reference wrote for %s', async (name) => {
    const folder = goldenCheckpoint(name);
    const config = parseModelConfig(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')));
    const layout = new Map(tensorLayout(config).map((tensor) => [tensor.name, tensor.shape]));
    const { tensors } = await openTensorIndex(folder);
    expect(layout).toEqual(new Map([...tensors].map(([tensor, entry]) => [tensor, entry.shape])));
  });

  it('requires all but the pooler and the mask token', () => {
    const unused = ['vit', 'dinov2'].flatMap((type) =>
      tensorLayout(parseModelConfig({ model_type: type })).filter(({ required }) => !required),
    );
    expect(unused.map(({ name }) => name)).toEqual([
      'pooler.dense.weight',
      'pooler.dense.bias',
      'embeddings.mask_token',
    ]);
  });

  it('has a plain feed-forward network where DINOv2 does not use SwiGLU', () => {
    const layout = tensorLayout(
      parseModelConfig({
        model_type: 'dinov2',
        num_hidden_layers: 1,
        hidden_size: 8,
        num_attention_heads: 2,
      }),
    );
    expect(layout.filter(({ name }) => name.includes('.mlp.'))).toEqual([
      { name: 'encoder.layer.0.mlp.fc1.weight', shape: [32, 8], required: true },
      { name: 'encoder.layer.0.mlp.fc1.bias', shape: [32], required: true },
      { name: 'encoder.layer.0.mlp.fc2.weight', shape: [8, 32], required: true },
      { name: 'encoder.layer.0.mlp.fc2.bias', shape: [8], required: true },
    ]);
  });

  it('leaves out the biases of query, key and value where the config does', () => {
    const layout = tensorLayout(
      parseModelConfig({ model_type: 'vit', num_hidden_layers: 1, qkv_bias: false }),
    ).map(({ name }) => name);
    expect(layout).toContain('encoder.layer.0.attention.attention.query.weight');
    expect(layout.filter((name) => /(query|key|value)\.bias/.test(name))).toEqual([]);
    expect(layout).toContain('encoder.layer.0.attention.output.dense.bias');
  });
});
