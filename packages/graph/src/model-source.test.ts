import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';

describe('a model source', () => {
  it('describes the checkpoint', async () => {
    const checkpoint = await openCheckpoint(goldenCheckpoint('dinov2-tiny-518'));
    expect(createModelSource(checkpoint).describe()).toEqual({
      id: checkpoint.id,
      architecture: 'dinov2',
      hiddenSize: 32,
      layers: 2,
      heads: 2,
      patchSize: 14,
      imageSize: { height: 518, width: 518 },
      weightType: 'F32',
      weightBytes: [...checkpoint.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
      synthetic: false,
    });
  });

  it('says the revision and that weights are synthetic where that is so', async () => {
    const checkpoint = await openCheckpoint(goldenCheckpoint('vit-tiny-p16'));
    const marked = { ...checkpoint, revision: 'a'.repeat(40), synthetic: { seed: 1 } };
    expect(createModelSource(marked).describe()).toMatchObject({ revision: 'a'.repeat(40), synthetic: true });
  });

  it('gives the same bytes for the same part', async () => {
    const source = createModelSource(await openCheckpoint(goldenCheckpoint('vit-tiny-p14')));
    const part = { size: { height: 182, width: 308 }, batch: 2, outputs: ['last_hidden_state'] } as const;
    expect((await source.onnx(part)).bytes).toEqual((await source.onnx(part)).bytes);
  });
});
