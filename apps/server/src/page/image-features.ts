import { WebsslError } from '@webssl/backend';
import { type PatchColours, patchColours } from './patch-colours.js';
import type { FloatTensor } from './read-safetensors.js';
import type { ServerInfo } from './server-info.js';

/** What is shown and compared of an image. */
export interface ImageFeatures {
  readonly cls: Float32Array;
  /** Length of the CLS vector. */
  readonly norm: number;
  /** Shape of the patch tokens. */
  readonly patchShape: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Absent, with the reason, where the features have none. */
  readonly colours: PatchColours | WebsslError;
}

/**
 * Reads `cls` and `patches` of an answer.
 *
 * @throws WebsslError `ANSWER_UNREADABLE` when they are not there or do not fit the model
 */
export function imageFeatures(
  tensors: ReadonlyMap<string, FloatTensor>,
  { image, model }: ServerInfo,
): ImageFeatures {
  const cls = required(tensors, 'cls');
  const patches = required(tensors, 'patches');
  const rows = Math.floor(image.size.height / model.patchSize);
  const columns = Math.floor(image.size.width / model.patchSize);
  if (patches.shape[0] !== rows * columns) {
    throw unfit(`patches of the shape [${patches.shape.join(', ')}], not ${rows} x ${columns} of them`);
  }
  return {
    cls: cls.data,
    norm: Math.sqrt(cls.data.reduce((sum, value) => sum + value * value, 0)),
    patchShape: patches.shape,
    rows,
    columns,
    colours: coloursOrReason(patches),
  };
}

function coloursOrReason(patches: FloatTensor): PatchColours | WebsslError {
  try {
    return patchColours(patches);
  } catch (error) {
    if (WebsslError.isInstance(error)) return error;
    throw error;
  }
}

function required(tensors: ReadonlyMap<string, FloatTensor>, name: string): FloatTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw unfit(`no ${name}`);
  return tensor;
}

function unfit(problem: string): WebsslError {
  return new WebsslError({ code: 'ANSWER_UNREADABLE', message: `The server's answer has ${problem}.` });
}
