import type { OutputName } from '@webssl/backend';
import type { ComputingDevice } from './computing-device.js';
import type { Pointer } from './onnxruntime/functions.js';
import { type GraphInput, GraphSession } from './onnxruntime/graph-session.js';
import type { NativeTensor } from './onnxruntime/native-tensor.js';
import type { Resources } from './onnxruntime/resources.js';
import type { Runtime } from './onnxruntime/runtime.js';
import type { PieceSetup } from './session-setup.js';

/** A piece of the model that is loaded. */
export interface OpenPiece extends Pick<PieceSetup, 'outputs' | 'handsOn'> {
  /** Computes outputs, in the order of their names; the caller releases each. */
  run(input: GraphInput, outputs: readonly OutputName[]): NativeTensor[];
}

/**
 * Loads a piece, until `resources` are released.
 * @throws WebsslError, RuntimeFailure, or an Error of the file system
 */
export function openPiece(
  runtime: Runtime,
  environment: Pointer,
  device: ComputingDevice,
  piece: PieceSetup,
  resources: Resources,
): OpenPiece {
  const session = onDevice(device, piece, () => {
    const options = device.sessionOptions(piece, resources);
    return new GraphSession(runtime, environment, piece.graph, options);
  });
  resources.add(() => session.close());
  return {
    outputs: piece.outputs,
    ...(piece.handsOn && { handsOn: piece.handsOn }),
    run: (input, outputs) => onDevice(device, piece, () => session.run(piece.input, input, outputs)),
  };
}

function onDevice<Result>(device: ComputingDevice, piece: PieceSetup, call: () => Result): Result {
  try {
    return attempt(device, piece, call);
  } catch (error) {
    if (!device.mends(piece, error)) throw error;
    return attempt(device, piece, call);
  }
}

function attempt<Result>(device: ComputingDevice, piece: PieceSetup, call: () => Result): Result {
  device.enter(piece);
  let succeeded = false;
  try {
    const result = call();
    succeeded = true;
    return result;
  } finally {
    device.leave(piece, succeeded);
  }
}
