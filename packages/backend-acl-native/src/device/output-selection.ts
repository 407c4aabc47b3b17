import type { OutputName, TokenSelection } from '@webssl/backend';
import type { LoadedModel } from './model-description.js';

/** Both addresses of an asynchronous copy are multiples of this. */
const alignment = 64;

/** One output of a run: what of it is copied from the device and where in the copy the wanted values are. */
export interface WantedOutput {
  readonly output: OutputName;
  /** Position in the model. */
  readonly index: number;
  readonly bytesPerValue: number;
  /** Dimensions of one image's result, and their product. */
  readonly rowDims: readonly number[];
  readonly rowValues: number;
  /** Distance of two images on the device, in bytes. */
  readonly deviceStride: number;
  /** Bytes to copy of each image. Where this is the device's distance all images are one copy. */
  readonly copiedBytes: number;
  /** Distance of two images in the copy, and the offset of the wanted values there, in bytes. */
  readonly hostStride: number;
  readonly hostOffset: number;
}

/**
 * What to copy for the outputs of a run.
 * @param given the tokens of `last_hidden_state` that the model gives
 * @param wanted those that the run asks for
 */
export function selectWanted(
  { outputs: found }: LoadedModel,
  outputs: readonly OutputName[],
  given: TokenSelection,
  wanted: TokenSelection,
): WantedOutput[] {
  return outputs.flatMap((output) => {
    const tensor = found.find((candidate) => candidate.output === output);
    if (tensor === undefined) return [];
    const { index, bytesPerValue, rowDims, rowValues } = tensor;
    const deviceStride = rowValues * bytesPerValue;
    const whole = {
      output,
      index,
      bytesPerValue,
      rowDims,
      rowValues,
      deviceStride,
      copiedBytes: deviceStride,
      hostStride: deviceStride,
      hostOffset: 0,
    };
    if (output !== 'last_hidden_state' || given === wanted) return [whole];
    const [tokens = 0, width = 0] = rowDims;
    const tokenBytes = width * bytesPerValue;
    if (wanted === 'patches') {
      return [
        { ...whole, rowDims: [tokens - 1, width], rowValues: rowValues - width, hostOffset: tokenBytes },
      ];
    }
    const classToken = { ...whole, rowDims: [1, width], rowValues: width };
    // Single rows can only be copied where each begins at an aligned address.
    if (deviceStride % alignment !== 0) return [classToken];
    const hostStride = Math.ceil(tokenBytes / alignment) * alignment;
    return [{ ...classToken, copiedBytes: tokenBytes, hostStride }];
  });
}
