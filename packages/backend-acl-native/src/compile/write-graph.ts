import { stat, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type ModelSource, type OnnxModel, type OutputName, WebsslError } from '@webssl/backend';
import type { CompilationPlan } from './compilation-plan.js';
import { type ExternalRange, outlineOnnx } from './onnx-outline.js';
import { placeFile } from './place-file.js';

/** Name of the graph in the folder that {@link writeGraph} fills. */
export const graphName = 'model.onnx';

/** What a graph turned out to be. */
export interface WrittenGraph {
  /** In its own order, which is that of the offline model. */
  readonly outputs: readonly OutputName[];
  readonly opset: number | undefined;
}

/**
 * Writes a plan's ONNX graph into an existing folder, and beside it the weight files that it points to: as hard links, where
 * that is possible, else as copies. Symbolic links would not do: the compiler follows them.
 * @throws WebsslError those of `ModelSource.onnx`, `BACKEND_MODEL_REFUSED` for a graph that the compiler cannot read,
 * `BACKEND_WEIGHTS_UNREADABLE`; errors of the file system.
 */
export async function writeGraph(
  source: ModelSource,
  { size, outputs, tokens, batchSizes }: CompilationPlan,
  folder: string,
  signal?: AbortSignal,
): Promise<WrittenGraph> {
  const [batch, ...more] = batchSizes;
  const isStatic = batch !== undefined && more.length === 0;
  const model = await source.onnx({ size, batch: isStatic ? batch : 'symbolic', outputs, tokens });
  const outline = outlineOnnx(model.bytes);
  await checkWeights(model, outline.external);
  for (const file of model.files) {
    signal?.throwIfAborted();
    await placeFile(join(model.folder, file), join(folder, file));
  }
  await writeFile(join(folder, graphName), model.bytes, { flag: 'wx' });
  return { outputs: orderedOutputs(outline.outputs, outputs), opset: outline.opset };
}

/** The compiler would read past the end of a file, or look for one elsewhere, and speak of it in its own way. */
async function checkWeights(model: OnnxModel, ranges: readonly ExternalRange[]): Promise<void> {
  const sizes = new Map<string, number>();
  for (const file of model.files) {
    const found = await stat(join(model.folder, file)).catch((cause: unknown) => {
      throw unreadable(join(model.folder, file), 'it cannot be read', cause);
    });
    sizes.set(file, found.size);
  }
  for (const { tensor, location, offset, length } of ranges) {
    const bytes = sizes.get(location);
    if (bytes === undefined || !isInside(location)) {
      throw new WebsslError({
        code: 'BACKEND_MODEL_REFUSED',
        message: `The graph takes the tensor ${JSON.stringify(tensor)} from ${JSON.stringify(location)}, which is not one of the model's files.`,
        details: { tensor, location, files: model.files },
      });
    }
    if (offset + length > bytes) {
      throw unreadable(
        join(model.folder, location),
        `it ends at byte ${bytes}, and the tensor ${JSON.stringify(tensor)} at byte ${offset + length}`,
      );
    }
  }
}

/** Whether a path with slashes stays in the folder that it is relative to. */
function isInside(path: string): boolean {
  return !posix.isAbsolute(path) && !path.includes('\\') && !path.split('/').includes('..');
}

function orderedOutputs(given: readonly string[], asked: readonly OutputName[]): readonly OutputName[] {
  const ordered = given.map((name) => asked.find((output) => output === name));
  const known = ordered.filter((output) => output !== undefined);
  if (known.length === given.length && known.length === asked.length) return known;
  throw new WebsslError({
    code: 'BACKEND_MODEL_REFUSED',
    message: `The graph gives ${given.join(', ')}, and not ${asked.join(', ')}.`,
    details: { given, asked },
  });
}

function unreadable(file: string, reason: string, cause?: unknown): WebsslError {
  return new WebsslError({
    code: 'BACKEND_WEIGHTS_UNREADABLE',
    message: `The weight file ${file} is not what the model's graph needs: ${reason}. Fetch the model again.`,
    cause,
    details: { file },
  });
}
