import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { type CatalogueEntry, catalogue, openCheckpoint } from '@webssl/registry';
import { describe, expect, it } from 'vitest';
import { createModelSource } from './create-model-source.js';
import { inspectGraph } from './inspect-graph.js';
import { openSession, runGraph } from './testing/run-graph.js';
import { scratchFolder } from './testing/scratch-folder.js';
import { writeSparseCheckpoint } from './testing/sparse-checkpoint.js';

const unused = new Set(['embeddings.mask_token', 'pooler.dense.bias', 'pooler.dense.weight']);

describe.each(catalogue())('$id in its true size', (entry) => {
  const scratch = scratchFolder();
  const { config, tokens } = entry;
  const size = { height: config.imageSize, width: config.imageSize };
  const pixels = {
    data: new Float32Array(3 * config.imageSize ** 2),
    dims: [1, 3, config.imageSize, config.imageSize],
  };

  it('uses every byte of the weights exactly once, but for the tensors that encoders do not need', async () => {
    const { checkpoint, folder } = await sparse(scratch, entry);
    const model = await createModelSource(checkpoint).onnx({
      size,
      batch: 'symbolic',
      outputs: ['last_hidden_state'],
    });

    expect(model.folder).toBe(folder);
    expect(model.files).toHaveLength(entry.files);
    const ranges = inspectGraph(model.bytes).weights;
    const holes = [...checkpoint.index.tensors.values()]
      .filter(({ name }) => unused.has(name))
      .map(({ name, file, offset, byteLength }) => ({
        name,
        location: relative(folder, file),
        offset,
        byteLength,
      }));
    for (const { file, dataOffset, byteLength } of checkpoint.index.files) {
      let end = dataOffset;
      const inFile = [...ranges, ...holes]
        .filter(({ location }) => location === relative(folder, file))
        .sort((a, b) => a.offset - b.offset);
      for (const range of inFile) {
        expect(range.offset, range.name).toBe(end);
        end += range.byteLength;
      }
      expect(end).toBe(byteLength);
    }
  });

  it('opens in ONNX Runtime without reading the weights and gives outputs of the right dimensions', async () => {
    const { checkpoint, files } = await sparse(scratch, entry);
    const source = createModelSource(checkpoint);
    const whole = await openSession(
      await source.onnx({ size, batch: 'symbolic', outputs: ['last_hidden_state', 'hidden_states.1'] }),
    );
    const shapes = whole.outputMetadata.map((output) => output.isTensor && output.shape);
    await whole.release();
    expect(shapes).toEqual([
      ['batch', tokens, config.hiddenSize],
      ['batch', tokens, config.hiddenSize],
    ]);

    const first = await runGraph(
      await source.onnx({ size, batch: 'symbolic', outputs: ['hidden_states.0', 'attentions.0'] }),
      pixels,
    );
    expect(first.get('hidden_states.0')?.dims).toEqual([1, tokens, config.hiddenSize]);
    expect(first.get('attentions.0')?.dims).toEqual([1, config.heads, tokens, tokens]);

    const last = await runGraph(
      await source.onnx({
        size,
        batch: 'symbolic',
        layers: [config.layers - 1, config.layers],
        outputs: ['last_hidden_state'],
        tokens: 'cls',
      }),
      { data: new Float32Array(tokens * config.hiddenSize), dims: [1, tokens, config.hiddenSize] },
    );
    expect(last.get('last_hidden_state')?.dims).toEqual([1, 1, config.hiddenSize]);

    for (const file of files) {
      const { blocks, size: apparent } = await stat(file);
      expect(blocks * 512).toBeLessThan(apparent / 1000);
    }
  });
});

async function sparse(scratch: ReturnType<typeof scratchFolder>, entry: CatalogueEntry) {
  const folder = await scratch.create('checkpoint');
  const files = await writeSparseCheckpoint(folder, entry);
  return { folder, files, checkpoint: await openCheckpoint(folder) };
}
