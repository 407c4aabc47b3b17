import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ModelSource, OnnxModel } from '@webssl/backend';
import { fixtureModel } from '@webssl/backend/testkit';
import { createModelSource, inspectGraph } from '@webssl/graph';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { refusal } from './testing/refusal.js';
import { fixturePlan } from './testing/requests.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { writeGraph } from './write-graph.js';

/** The fixture with its weights in a folder of the test's own. */
function movedFixture(
  folder: string,
  change: (model: OnnxModel) => Partial<OnnxModel> = () => ({}),
): ModelSource {
  const source = fixtureModel();
  return {
    ...source,
    async onnx(part) {
      const model = await source.onnx(part);
      for (const file of model.files) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        if (!existsSync(join(folder, file))) copyFileSync(join(model.folder, file), join(folder, file));
      }
      const moved = { ...model, folder };
      return { ...moved, ...change(moved) };
    },
  };
}

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('the graph that is written', () => {
  it('links the weights where that is possible', async () => {
    const [weights, folder] = [temporaryFolder(), temporaryFolder()];
    expect(await writeGraph(movedFixture(weights), fixturePlan, folder)).toEqual({
      outputs: ['last_hidden_state'],
      opset: 15,
    });
    expect(statSync(join(folder, 'model.safetensors')).ino).toBe(
      statSync(join(weights, 'model.safetensors')).ino,
    );
  });

  it.skipIf(!isOtherDisk('/dev/shm'))('copies the weights from another file system', async () => {
    const [weights, folder] = [temporaryFolder('/dev/shm'), temporaryFolder()];
    await writeGraph(movedFixture(weights), fixturePlan, folder);
    const [from, to] = [join(weights, 'model.safetensors'), join(folder, 'model.safetensors')];
    expect(statSync(to).ino).not.toBe(statSync(from).ino);
    expect(sha256(to)).toBe(sha256(from));
    expect(existsSync(`${to}.part`)).toBe(false);
  });

  it.each([
    [[1, 4], 'batch'],
    [[4], 4],
  ])('for the batch sizes %j has the batch %j', async (batchSizes, batch) => {
    const folder = temporaryFolder();
    await writeGraph(fixtureModel(), { ...fixturePlan, batchSizes }, folder);
    const [input] = inspectGraph(new Uint8Array(readFileSync(join(folder, 'model.onnx')))).inputs;
    expect(input).toMatchObject({ name: 'pixel_values', dims: [expect.anything(), 3, 12, 12] });
    if (typeof batch === 'number') expect(input?.dims[0]).toBe(batch);
    else expect(input?.dims[0]).toBeTypeOf('string');
  });

  it('tells the outputs in the order of the graph', async () => {
    const folder = temporaryFolder();
    const outputs = ['attentions.0', 'hidden_states.2'] as const;
    const { outputs: order } = await writeGraph(
      fixtureModel(),
      { ...fixturePlan, outputs, tokens: 'all' },
      folder,
    );
    const graph = inspectGraph(new Uint8Array(readFileSync(join(folder, 'model.onnx'))));
    expect(order).toEqual(graph.outputs.map(({ name }) => name));
    expect(order.toSorted()).toEqual(outputs);
  });

  it('holds every byte range of a checkpoint in shards', async () => {
    const source = createModelSource(await openCheckpoint(goldenCheckpoint('vit-tiny-sharded')));
    const folder = temporaryFolder();
    await writeGraph(source, { ...fixturePlan, size: { height: 224, width: 224 } }, folder);
    const { weights } = inspectGraph(new Uint8Array(readFileSync(join(folder, 'model.onnx'))));
    expect(weights.length).toBeGreaterThan(10);
    for (const { location, offset, byteLength } of weights) {
      expect(statSync(join(folder, location)).size).toBeGreaterThanOrEqual(offset + byteLength);
    }
  });

  it('refuses weights that are cut off or gone', async () => {
    const weights = temporaryFolder();
    const source = movedFixture(weights);
    await writeGraph(source, fixturePlan, temporaryFolder());
    truncateSync(join(weights, 'model.safetensors'), 5000);
    const { code, message } = await refusal(writeGraph(source, fixturePlan, temporaryFolder()));
    expect(code).toBe('BACKEND_WEIGHTS_UNREADABLE');
    expect(message).toMatch(/model\.safetensors .* it ends at byte 5000, and the tensor ".+" at byte \d+/);
    const gone = movedFixture(weights, () => ({ files: ['gone.safetensors'] }));
    expect((await refusal(writeGraph(gone, fixturePlan, temporaryFolder()))).code).toBe(
      'BACKEND_WEIGHTS_UNREADABLE',
    );
  });

  it('refuses a graph that points elsewhere, and writes nothing of it', async () => {
    const folder = temporaryFolder();
    const source = movedFixture(temporaryFolder(), () => ({ files: [] }));
    const { code, message } = await refusal(writeGraph(source, fixturePlan, folder));
    expect(code).toBe('BACKEND_MODEL_REFUSED');
    expect(message).toContain('"model.safetensors", which is not one of');
    expect(existsSync(join(folder, 'model.onnx'))).toBe(false);
  });
});

function isOtherDisk(path: string): boolean {
  const device = statSync(path, { throwIfNoEntry: false })?.dev;
  return device !== undefined && device !== statSync('/tmp').dev;
}
