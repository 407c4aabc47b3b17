import { type BackendSession, type OutputName, type Tensor, WebsslError } from '@webssl/backend';
import type { PixelValues } from '@webssl/preprocess';
import type { RunRecorder } from '../run/run-recorder.js';
import { batchOf, noTensor, rowOf } from './tensor-parts.js';

/** One side of the comparison. */
export interface Side {
  /** What records call it. */
  readonly label: string;
  readonly session: BackendSession;
}

/** What failed, for the record of an error. */
export interface FailurePlace {
  readonly index?: number;
  readonly image?: string;
  readonly device?: string;
  readonly batch?: number;
}

/** The tensors of one image, without a batch dimension. */
export type ImageTensors = ReadonlyMap<OutputName, Tensor>;

/** After these a session runs nothing more. */
const endsSession = ['BACKEND_LOST', 'BACKEND_CLOSED'];

/** Runs batches; a run that fails becomes a record, and what follows goes on. */
export class RecordedRuns {
  readonly #recorder: RunRecorder;
  readonly #signal: AbortSignal | undefined;
  #firstError: unknown;

  constructor(recorder: RunRecorder, signal: AbortSignal | undefined) {
    this.#recorder = recorder;
    this.#signal = signal;
  }

  /** Why something is missing; undefined when nothing is. */
  get firstError(): unknown {
    return this.#firstError;
  }

  /** Records what could not be had. */
  failed(error: unknown, place: FailurePlace): void {
    this.#firstError ??= error;
    this.#recorder.error(error, place);
  }

  /**
   * Runs images as one batch.
   *
   * @returns the tensors of each image; undefined when the run failed, which is recorded
   * @throws WebsslError `BACKEND_LOST`, `BACKEND_CLOSED` when the session has ended; the signal's reason
   */
  async run(
    { label, session }: Side,
    images: readonly PixelValues[],
    outputs: readonly OutputName[],
    place: FailurePlace = {},
  ): Promise<ImageTensors[] | undefined> {
    const batch = images.length;
    const signal = this.#signal;
    try {
      const options = signal === undefined ? { outputs } : { outputs, signal };
      const { tensors } = await session.run(batchOf(images), options);
      return images.map(
        (_, position) =>
          new Map(outputs.map((output) => [output, rowOf(tensors[output] ?? noTensor, position, batch)])),
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (endsSession.some((code) => WebsslError.isInstance(error, code))) throw error;
      this.failed(error, { ...place, device: label, batch });
      return undefined;
    }
  }
}
