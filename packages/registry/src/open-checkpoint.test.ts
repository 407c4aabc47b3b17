import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from './open-checkpoint.js';
import {
  type CheckpointEdit,
  copiedCheckpoint,
  editedCheckpoint,
  renamed,
} from './testing/edited-checkpoint.js';

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function edited(name: string, edit: CheckpointEdit): Promise<string> {
  const folder = await editedCheckpoint(goldenCheckpoint(name), edit);
  made.push(folder);
  return folder;
}

async function copied(name: string): Promise<string> {
  const folder = await copiedCheckpoint(goldenCheckpoint(name));
  made.push(folder);
  return folder;
}

async function failure(reference: string): Promise<WebsslError> {
  const outcome = await openCheckpoint(reference).catch((error: unknown) => error);
  if (WebsslError.isInstance(outcome)) return outcome;
  throw new Error('no WebsslError', { cause: outcome });
}

describe('openCheckpoint of a folder', () => {
  it.each([
    ['vit-tiny-p14', 70, 72],
    ['vit-tiny-sharded', 70, 72],
    ['dinov2-tiny-p14', 78, 79],
  ])('opens %s', async (name, used, all) => {
    const checkpoint = await openCheckpoint(goldenCheckpoint(name));
    expect(checkpoint).toMatchObject({
      id: goldenCheckpoint(name),
      folder: goldenCheckpoint(name),
      revision: undefined,
      synthetic: undefined,
      unexpected: [],
    });
    expect(checkpoint.tensors.size).toBe(used);
    expect(checkpoint.index.tensors.size).toBe(all);
    expect(checkpoint.processor.resize?.size).toEqual({ shortestEdge: 224 });
  });

  it('finds tensors that lie in several shards', async () => {
    const { tensors } = await openCheckpoint(goldenCheckpoint('vit-tiny-sharded'));
    expect(new Set([...tensors.values()].map(({ file }) => file)).size).toBe(2);
  });

  it('knows a synthetic checkpoint by its metadata', async () => {
    const folder = await edited('vit-tiny-p16', {
      metadata: { 'webssl.synthetic': 'true', 'webssl.seed': '7' },
    });
    expect((await openCheckpoint(folder)).synthetic).toEqual({ seed: 7 });
  });

  it.each([
    ['vit-tiny-p16', 'vit.'],
    ['dinov2-tiny-518', 'dinov2.'],
  ])('takes off the prefix of a model with a head: %s', async (name, prefix) => {
    const plain = await openCheckpoint(goldenCheckpoint(name));
    const folder = await edited(name, {
      tensors: (tensors) => [
        ...[...tensors].map(([tensor, value]) => [prefix + tensor, value] as const),
        ['classifier.weight', { data: new Float32Array(6), dims: [2, 3] }],
      ],
    });
    const checkpoint = await openCheckpoint(folder);
    expect([...checkpoint.tensors.keys()].sort()).toEqual([...plain.tensors.keys()].sort());
    expect(checkpoint.tensors.get('layernorm.weight')?.name).toBe(`${prefix}layernorm.weight`);
    expect(checkpoint.unexpected).toEqual(['classifier.weight']);
  });

  it('reads a ViT with the names that transformers 5 uses in memory', async () => {
    const plain = await openCheckpoint(goldenCheckpoint('vit-tiny-p16'));
    const folder = await edited('vit-tiny-p16', {
      tensors: renamed((name) =>
        name
          .replace('encoder.layer.', 'layers.')
          .replace('attention.attention.query', 'attention.q_proj')
          .replace('attention.attention.key', 'attention.k_proj')
          .replace('attention.attention.value', 'attention.v_proj')
          .replace('attention.output.dense', 'attention.o_proj')
          .replace('intermediate.dense', 'mlp.fc1')
          .replace('output.dense', 'mlp.fc2'),
      ),
    });
    const { tensors, unexpected } = await openCheckpoint(folder);
    expect([...tensors.keys()].sort()).toEqual([...plain.tensors.keys()].sort());
    expect(unexpected).toEqual([]);
    expect(tensors.get('encoder.layer.1.attention.output.dense.weight')?.name).toBe(
      'layers.1.attention.o_proj.weight',
    );
    expect(tensors.get('encoder.layer.1.output.dense.weight')?.name).toBe('layers.1.mlp.fc2.weight');
  });

  const inMemoryDinov2 = (name: string) =>
    name
      .replace('attention.attention.query', 'attention.q_proj')
      .replace('attention.attention.key', 'attention.k_proj')
      .replace('attention.attention.value', 'attention.v_proj')
      .replace('attention.output.dense', 'attention.o_proj')
      .replace('mlp.weights_out', 'mlp.down_proj');

  it('reads a DINOv2 with those names as long as its gates are whole', async () => {
    const plain = await openCheckpoint(goldenCheckpoint('dinov2-tiny-518'));
    const folder = await edited('dinov2-tiny-518', { tensors: renamed(inMemoryDinov2) });
    expect([...(await openCheckpoint(folder)).tensors.keys()].sort()).toEqual(
      [...plain.tensors.keys()].sort(),
    );
  });

  it('refuses gates that are split in two, and says how to join them', async () => {
    const folder = await edited('dinov2-tiny-518', {
      tensors: (tensors) =>
        [...tensors].flatMap(([name, { data, dims }]) => {
          if (!name.includes('weights_in')) return [[inMemoryDinov2(name), { data, dims }] as const];
          const [rows = 0, ...rest] = dims;
          const half = data.length / 2;
          return [
            [
              name.replace('weights_in', 'gate_proj'),
              { data: data.slice(0, half), dims: [rows / 2, ...rest] },
            ],
            [name.replace('weights_in', 'up_proj'), { data: data.slice(half), dims: [rows / 2, ...rest] }],
          ] as const;
        }),
    });
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_GATE_SPLIT');
    expect(error.message).toContain('save_pretrained');
  });

  it('does without pooler and mask token', async () => {
    for (const [name, unused] of [
      ['vit-tiny-p16', /^pooler\./],
      ['dinov2-tiny-518', /mask_token$/],
    ] as const) {
      const folder = await edited(name, {
        tensors: (tensors) => [...tensors].filter(([tensor]) => !unused.test(tensor)),
      });
      const checkpoint = await openCheckpoint(folder);
      expect(checkpoint.tensors.size).toBe(checkpoint.index.tensors.size);
      expect(checkpoint.unexpected).toEqual([]);
    }
  });
});

describe('openCheckpoint refuses', () => {
  it('a missing tensor, and lists every one', async () => {
    const folder = await edited('vit-tiny-p16', {
      tensors: (tensors) => [...tensors].filter(([name]) => !name.startsWith('encoder.layer.1.')),
    });
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_TENSORS_MISSING');
    expect(error.message).toContain('lacks 16 tensors: encoder.layer.1.');
    expect(error.message).toContain('and 11 more');
    expect(error.details['missing']).toHaveLength(16);
  });

  it('tensors of another architecture, and names what it found instead', async () => {
    const folder = await edited('dinov2-tiny-518', {
      config: (json) => ({ ...json, use_swiglu_ffn: false }),
    });
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_TENSORS_MISSING');
    expect(error.message).toContain('encoder.layer.0.mlp.fc1.weight');
    expect(error.message).toContain('encoder.layer.0.mlp.weights_in.');
  });

  it('a config that contradicts a shape, and names tensor and both shapes', async () => {
    const folder = await edited('vit-tiny-p16', { config: (json) => ({ ...json, image_size: 256 }) });
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_CONTRADICTORY');
    expect(error.message).toContain(
      'embeddings.position_embeddings has shape [1, 197, 48], config.json asks for [1, 257, 48]',
    );
  });

  it('a config with fewer layers than the files', async () => {
    const folder = await edited('vit-tiny-p16', { config: (json) => ({ ...json, num_hidden_layers: 1 }) });
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_CONTRADICTORY');
    expect(error.message).toContain('config.json says 1 layers');
  });

  it('a config without the biases that the files have', async () => {
    const folder = await edited('vit-tiny-p16', { config: (json) => ({ ...json, qkv_bias: false }) });
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_CONTRADICTORY');
    expect(error.message).toContain('qkv_bias false');
  });

  it('the same tensor under two names', async () => {
    const folder = await edited('vit-tiny-p16', {
      tensors: (tensors) => [
        ...tensors,
        ['vit.layernorm.weight', { data: new Float32Array(48), dims: [48] }],
      ],
    });
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_NAMES_AMBIGUOUS');
    expect(error.message).toContain('vit.layernorm.weight');
  });

  it('weights that are not float32', async () => {
    const folder = await edited('vit-tiny-p16', {
      tensors: (tensors) =>
        [...tensors].map(
          ([name, { dims }]) =>
            [
              name,
              { data: new Uint16Array(dims.reduce((a, b) => a * b, 1)), dims, type: 'BF16' as const },
            ] as const,
        ),
    });
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_TYPE_UNSUPPORTED');
    expect(error.message).toContain('BF16');
  });

  it('a mark of synthetic weights without a seed', async () => {
    const folder = await edited('vit-tiny-p16', {
      metadata: { 'webssl.synthetic': 'true', 'webssl.seed': 'seven' },
    });
    expect((await failure(folder)).code).toBe('CHECKPOINT_MARK_INVALID');
  });

  it.each(['config.json', 'preprocessor_config.json'])('a folder without %s', async (file) => {
    const folder = await copied('vit-tiny-p16');
    await rm(join(folder, file));
    const error = await failure(folder);
    expect(error.code).toBe('CHECKPOINT_FILE_MISSING');
    expect(error.message).toContain(file);
  });

  it('a folder without weights', async () => {
    const folder = await copied('vit-tiny-p16');
    await rm(join(folder, 'model.safetensors'));
    expect((await failure(folder)).code).toBe('SAFETENSORS_CHECKPOINT_MISSING');
  });

  it.each(['config.json', 'preprocessor_config.json'])('a %s that is not JSON', async (file) => {
    const folder = await copied('vit-tiny-p16');
    await writeFile(join(folder, file), '{"model_type": "vit"');
    const error = await failure(folder);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(file);
  });

  it('a config.json that is far too large', async () => {
    const folder = await copied('vit-tiny-p16');
    await writeFile(join(folder, 'config.json'), ' '.repeat(2 ** 20 + 1));
    expect((await failure(folder)).code).toBe('CONFIG_INVALID');
  });

  it('a config.json that is a folder', async () => {
    const folder = await copied('vit-tiny-p16');
    await rm(join(folder, 'config.json'));
    await mkdir(join(folder, 'config.json'));
    expect((await failure(folder)).code).toBe('CHECKPOINT_FILE_UNREADABLE');
  });

  it('a processor that is not known', async () => {
    const folder = await copied('vit-tiny-p16');
    await writeFile(
      join(folder, 'preprocessor_config.json'),
      '{"image_processor_type": "CLIPImageProcessor"}',
    );
    expect((await failure(folder)).code).toBe('PROCESSOR_CONFIG_INVALID');
  });

  it('an unknown model_type, naming the file', async () => {
    const folder = await edited('vit-tiny-p16', { config: (json) => ({ ...json, model_type: 'clip' }) });
    const error = await failure(folder);
    expect(error.code).toBe('CONFIG_UNSUPPORTED');
    expect(error.message).toContain(join(folder, 'config.json'));
  });

  it('to go on after an abort', async () => {
    const reason = new Error('enough');
    const opening = openCheckpoint(goldenCheckpoint('vit-tiny-p14'), { signal: AbortSignal.abort(reason) });
    await expect(opening).rejects.toBe(reason);
  });
});
