import type { OutputName, Tensor } from '@webssl/backend';
import type { NativeTensor } from './onnxruntime/native-tensor.js';
import type { OpenPiece } from './open-piece.js';

/**
 * Computes outputs of a chunk of images: piece after piece, each on the hidden states of the one before it, no further than the
 * last piece that has an output that is wanted.
 * @param take called with every wanted output; its tensor lives until the call returns
 */
export function runPieces(
  pieces: readonly OpenPiece[],
  pixels: Tensor,
  wanted: readonly OutputName[],
  take: (output: OutputName, tensor: Tensor) => void,
): void {
  const last = pieces.findLastIndex(({ outputs }) => outputs.some((output) => wanted.includes(output)));
  let handedOn: NativeTensor | undefined;
  try {
    for (const { run, outputs, handsOn } of pieces.slice(0, last + 1)) {
      const given = outputs.filter((output) => output === handsOn || wanted.includes(output));
      const tensors = run(handedOn ?? pixels, given);
      handedOn?.release();
      handedOn = handsOn && tensors[given.indexOf(handsOn)];
      try {
        for (const [index, output] of given.entries()) {
          const tensor = tensors[index];
          if (tensor && wanted.includes(output)) take(output, tensor);
        }
      } finally {
        for (const tensor of tensors) if (tensor !== handedOn) tensor.release();
      }
    }
  } finally {
    handedOn?.release();
  }
}
