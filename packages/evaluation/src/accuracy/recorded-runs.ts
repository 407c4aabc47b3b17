import { type BackendSession, type OutputName, type Tensor, WebsslError } from '@webssl/backend';
import type { PixelValues } from '@webssl/preprocess';
import type { RunRecorder } from '../run/run-recorder.js';
import { checkState } from '../run/state-check.js';
import { batchOf, noTensor, rowOf } from './tensor-parts.js';

/** One side of the comparison. */
export interface Side {
  /** What records call it. */
  readonly label: string;
  readonly session: BackendSession;
  /**
   * Of the side that all others are compared with: the dims that every answer to so many images must have. A run that has
   * others failed; without, they show in what is compared.
   */
  readonly dimsOf?: (batch: number) => readonly number[];
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

/** A tensor that a run was asked for. */
export function tensorOf(tensors: ImageTensors | undefined, output: OutputName): Tensor {
  const tensor = tensors?.get(output);
  if (tensor === undefined) throw new Error(`${output} was not asked for`);
  return tensor;
}

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
    { label, session, dimsOf }: Side,
    images: readonly PixelValues[],
    outputs: readonly OutputName[],
    place: FailurePlace = {},
  ): Promise<ImageTensors[] | undefined> {
    const batch = images.length;
    const signal = this.#signal;
    try {
      const options = signal === undefined ? { outputs } : { outputs, signal };
      const { tensors } = await session.run(batchOf(images), options);
      const answers = outputs.map((output) => {
        const tensor = tensors[output];
        const answer =
          dimsOf === undefined ? (tensor ?? noTensor) : checkState(tensor, dimsOf(batch), output);
        return [output, answer] as const;
      });
      return images.map(
        (_, position) => new Map(answers.map(([output, answer]) => [output, rowOf(answer, position, batch)])),
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (endsSession.some((code) => WebsslError.isInstance(error, code))) throw error;
      this.failed(error, { ...place, device: label, batch });
      return undefined;
    }
  }
}
