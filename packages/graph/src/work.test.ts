import type { ModelPart } from '@webssl/backend';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { countMultiplyAdds } from './testing/multiply-adds.js';
import { randomTensor } from './testing/random-tensor.js';
import { scratchFolder } from './testing/scratch-folder.js';

describe('matrix products that ONNX Runtime really runs', async () => {
  const scratch = scratchFolder();
  const source = createModelSource(await openCheckpoint(goldenCheckpoint('vit-tiny-p14')));
  const [layers, tokens, width, inner] = [4, 257, 64, 256];
  const square = tokens * width * width;
  const perLayer = 4 * square + 2 * tokens * tokens * width + 2 * tokens * width * inner;

  it.each<[string, Pick<ModelPart, 'outputs' | 'tokens'>, number]>([
    ['all tokens: every layer', { outputs: ['last_hidden_state'] }, layers * perLayer],
    ['patches: every layer', { outputs: ['last_hidden_state'], tokens: 'patches' }, layers * perLayer],
    ['a hidden state: the layers before it', { outputs: ['hidden_states.2'] }, 2 * perLayer],
    ['the embeddings: none', { outputs: ['hidden_states.0'] }, 0],
    [
      'an attention map: the layers before it, its queries and keys',
      { outputs: ['attentions.2'] },
      2 * perLayer + 2 * square + tokens * tokens * width,
    ],
    [
      'CLS: of the last layer keys and values of all tokens, all else of two',
      { outputs: ['last_hidden_state'], tokens: 'cls' },
      (layers - 1) * perLayer + 2 * square + (2 / tokens) * (perLayer - 2 * square),
    ],
  ])('%s', async (_, part, expected) => {
    const model = await source.onnx({ size: { height: 224, width: 224 }, batch: 1, ...part });
    const counted = await countMultiplyAdds(
      model,
      randomTensor([1, 3, 224, 224]),
      await scratch.create('work'),
    );
    expect(counted).toBe(expected);
  });
});
