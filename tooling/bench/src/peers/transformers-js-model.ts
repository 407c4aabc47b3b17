import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createModelSource } from '@webssl/graph';
import type { Subject } from '../subject.js';

/** The graphs of a model folder: the names of files in its folder `onnx`. */
export const graphNames = { all: 'model', cls: 'model_cls' } as const;

/**
 * Makes a model folder as @huggingface/transformers reads it: `config.json`, `preprocessor_config.json` and
 * `onnx/*.onnx`, the very graphs that `@webssl/backend-cpu` runs. The weights are hard links: ONNX Runtime looks for
 * external data beside the graph that it opens by path, and refuses symbolic links.
 *
 * @param folder is made; must be on the same file system as the checkpoint
 */
export async function writeTransformersJsModel(
  { checkpoint, size }: Pick<Subject, 'checkpoint' | 'size'>,
  folder: string,
): Promise<void> {
  const graphs = join(folder, 'onnx');
  await mkdir(graphs, { recursive: true });
  for (const name of ['config.json', 'preprocessor_config.json']) {
    await copyFile(join(checkpoint.folder, name), join(folder, name));
  }
  const source = createModelSource(checkpoint);
  const weights = new Map<string, string>();
  for (const tokens of ['all', 'cls'] as const) {
    const model = await source.onnx({ size, batch: 1, outputs: ['last_hidden_state'], tokens });
    await writeFile(join(graphs, `${graphNames[tokens]}.onnx`), model.bytes);
    for (const file of model.files) weights.set(file, join(model.folder, file));
  }
  for (const [location, file] of weights) {
    await mkdir(dirname(join(graphs, location)), { recursive: true });
    await link(file, join(graphs, location));
  }
}
