import type { Pointer } from './onnxruntime/functions.js';
import type { Resources } from './onnxruntime/resources.js';
import type { PieceSetup } from './session-setup.js';

/** What computes: the CPU, or an NPU through CANN. */
export interface ComputingDevice {
  /** Hardware, in the words of its driver or operating system. */
  readonly name: string;
  /** The library that computes, with its version. */
  readonly library: string;
  /** More that is worth recording. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
  /**
   * The OrtSessionOptions of a piece. They, and the weights that they hold, are there until `resources` are released.
   * @throws WebsslError, RuntimeFailure, or an Error of the file system
   */
  sessionOptions(piece: PieceSetup, resources: Resources): Pointer;
  /**
   * Prepares the process for a call that concerns a piece.
   * @throws WebsslError
   */
  enter(piece: PieceSetup): void;
  /** Takes care of what such a call has left. Never throws: the results of the call would be lost. */
  leave(piece: PieceSetup, succeeded: boolean): void;
  /** Whether it has put right what such a call failed with, so that the call may be made once more. */
  mends(piece: PieceSetup, error: unknown): boolean;
}
