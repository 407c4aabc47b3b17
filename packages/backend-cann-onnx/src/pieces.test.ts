import type { BackendSession, ModelSource, OpenOptions, OutputName, PixelBatch } from '@webssl/backend';
import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { cannOnnx } from '@webssl/backend-cann-onnx';
import { createModelSource } from '@webssl/graph';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { planPieces } from './pieces.js';

const sessions: BackendSession[] = [];
afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));

async function compute(model: ModelSource, open: OpenOptions, pixels: PixelBatch, options: object) {
  const session = await cannOnnx({ provider: 'cpu', isolation: 'thread', ...options }).open(model, open);
  sessions.push(session);
  return { tensors: (await session.run(pixels)).tensors, pieces: session.device.details['pieces'] };
}

describe('the fixture model', () => {
  const open = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] } as const;

  it.each([
    [17_184, 1],
    // Embeddings 2880, layer 4736, last LayerNorm 96.
    [2880 + 2 * 4736, 2],
    [2880 + 4736, 3],
  ])('gives the same bits with at most %i bytes a piece, in %i pieces', async (pieceBytes, pieces) => {
    const whole = await compute(fixtureModel(), open, fixturePixels([0, 1, 2]), {});
    const cut = await compute(fixtureModel(), open, fixturePixels([0, 1, 2]), { pieceBytes });
    expect(cut.pieces).toBe(pieces);
    expect(cut.tensors).toEqual(whole.tensors);
  });

  it('gives the same bits in pieces and batches that are split and padded', async () => {
    const whole = await compute(fixtureModel(), open, fixturePixels([0, 1, 2, 3, 4, 5]), {});
    const cut = await compute(fixtureModel(), open, fixturePixels([0, 1, 2, 3, 4, 5]), {
      pieceBytes: 8000,
      batchSizes: [1, 4],
    });
    expect(cut.tensors).toEqual(whole.tensors);
  });

  it('is refused where a layer is larger than a piece may be', async () => {
    await expect(
      compute(fixtureModel(), open, fixturePixels([0]), { pieceBytes: 7000 }),
    ).rejects.toMatchObject({
      code: 'CANN_LAYER_TOO_LARGE',
      message: expect.stringContaining('Layer 0 of testkit-fixture'),
      details: { layer: 0, bytes: 2880 + 4736, limit: 7000 },
    });
  });
});

describe('a golden checkpoint', () => {
  const size = { height: 224, width: 224 };
  const pixels: PixelBatch = {
    data: Float32Array.from({ length: 2 * 3 * 224 * 224 }, (_, index) => Math.sin(index)),
    dims: [2, 3, 224, 224],
  };
  let model: ModelSource;
  let layerBytes: number;

  beforeAll(async () => {
    model = createModelSource(await openCheckpoint(goldenCheckpoint('vit-tiny-p14')));
    const layer = await model.onnx({ size, batch: 1, layers: [1, 2], outputs: ['hidden_states.2'] });
    layerBytes = layer.weightBytes;
  });

  it.each<[string, Omit<OpenOptions, 'size'>]>([
    ['all tokens', { outputs: ['last_hidden_state'] }],
    ['the CLS token', { outputs: ['last_hidden_state'], tokens: 'cls' }],
    ['the patches', { outputs: ['last_hidden_state'], tokens: 'patches' }],
    ['an early hidden state', { outputs: ['hidden_states.1'] }],
    ['the embeddings', { outputs: ['hidden_states.0'] }],
    ['an attention map', { outputs: ['attentions.2'] }],
    [
      'outputs of every piece',
      {
        outputs: [
          'attentions.3',
          'hidden_states.4',
          'last_hidden_state',
          'hidden_states.0',
          'attentions.0',
          'hidden_states.2',
          'hidden_states.3',
          'attentions.1',
        ],
      },
    ],
    [
      'the CLS token beside an early output',
      { outputs: ['hidden_states.2', 'last_hidden_state'], tokens: 'cls' },
    ],
  ])('gives the same bits whole and in pieces: %s', async (_name, wanted) => {
    const open = { size, ...wanted };
    const whole = await compute(model, open, pixels, {});
    // A patch embedding and a layer, then one or two layers a piece.
    const first = await model.onnx({ size, batch: 1, layers: [0, 1], outputs: ['hidden_states.1'] });
    for (const pieceBytes of [first.weightBytes, first.weightBytes + layerBytes]) {
      const cut = await compute(model, open, pixels, { pieceBytes });
      expect(cut.tensors).toEqual(whole.tensors);
      expect(Object.keys(cut.tensors)).toEqual(wanted.outputs);
    }
    expect(whole.pieces).toBe(1);
  });

  it('stays below the limit in every piece, with pieces as long as they can be', async () => {
    const outputs: OutputName[] = ['last_hidden_state'];
    const first = await model.onnx({ size, batch: 1, layers: [0, 1], outputs: ['hidden_states.1'] });
    const limit = Math.max(first.weightBytes, 2 * layerBytes);
    const asked: number[] = [];
    const counted: ModelSource = {
      ...model,
      async onnx(part) {
        const onnx = await model.onnx(part);
        if (onnx.weightBytes <= limit) asked.push(onnx.weightBytes);
        return onnx;
      },
    };
    const pieces = await planPieces(counted, { size, outputs }, 1, limit);
    expect(pieces.map((piece) => piece.input)).toEqual([
      'pixel_values',
      ...pieces.slice(1).map(() => 'hidden_states'),
    ]);
    expect(pieces.at(-1)?.handsOn).toBeUndefined();
    expect(Math.max(...asked)).toBeLessThanOrEqual(limit);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.length).toBeLessThan(4);
  });
});
