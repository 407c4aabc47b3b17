import type { Tensor } from '@webssl/backend';

/** What one input became. */
export interface GraphRun {
  /** The outputs by their names. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** The time of the computation. */
  readonly milliseconds: number;
}

/** A graph and what it is to compute. */
export interface GraphJob {
  readonly graph: Uint8Array;
  readonly folder: string;
  readonly input: string;
  readonly inputs: readonly Tensor[];
  readonly threads: number;
}

/** What the worker thread finds in its `workerData`: the memory of a `NativeCallFlag`. */
export interface GraphWorkerData {
  readonly nativeCalls: SharedArrayBuffer;
}

export type GraphAnswer = { readonly runs: readonly GraphRun[] } | { readonly failure: string };
