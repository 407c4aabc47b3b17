import { join } from 'node:path';
import type { ImageSize } from '@webssl/backend';
import { createPreprocessor } from '@webssl/preprocess';
import { type Checkpoint, openCheckpoint } from '@webssl/registry';
import { writeFloats } from './float-file.js';
import { countOperations, type OperationCount } from './floating-point-operations.js';
import { examplePhotograph } from './paths.js';

/** The model that the bounds are for. */
export const referenceModel = 'random:facebook/webssl-mae700m-full2b-224';

/** What every program of a run is given. */
export interface Subject {
  /** As `--model` names it. */
  readonly model: string;
  readonly checkpoint: Checkpoint;
  /** Bytes of the weights. */
  readonly weightBytes: number;
  readonly photograph: string;
  /** File of the photograph's pixel values, float32 `[1, 3, H, W]`. */
  readonly pixels: string;
  readonly size: ImageSize;
  readonly operations: OperationCount;
  /** Threads of each program. */
  readonly threads: number;
  /** Where this run keeps its files. */
  readonly folder: string;
  /** Whether the bounds apply: they are for the reference model only. */
  readonly bounded: boolean;
}

/** Opens the checkpoint, writing a synthetic one if need be, and prepares the photograph once for all. */
export async function prepareSubject(model: string, threads: number, folder: string): Promise<Subject> {
  const checkpoint = await openCheckpoint(model);
  const preprocessor = createPreprocessor(checkpoint.processor);
  const { pixelValues } = await preprocessor.process(examplePhotograph);
  await preprocessor.close();
  const [, height, width] = pixelValues.dims;
  const pixels = join(folder, 'pixels.f32');
  await writeFloats(pixels, pixelValues.data);
  return {
    model,
    checkpoint,
    weightBytes: [...checkpoint.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
    photograph: examplePhotograph,
    pixels,
    size: { height, width },
    operations: countOperations(checkpoint.config, { height, width }),
    threads,
    folder,
    bounded: model === referenceModel,
  };
}
