import type { DeviceReport, RunResult } from '../contract.js';
import type { OutputName, TokenSelection } from '../outputs.js';
import type { PixelBatch } from '../tensor.js';
import type { ServedDevice } from './messages.js';

/** What a worker entry file serves: the native side of a backend. `Library` is whatever `load` gives. */
export interface ServedBackend<Library> {
  /** Loads the native library. Begins when the child starts, while the caller may still be building the graph. */
  load(): Promise<Library>;
  /** The devices that are here. Gets the setup of `probeInChild`. */
  probe(library: Library, setup: unknown): Promise<DeviceReport>;
  /** Opens the one session of this child. Gets the setup of `openHostedSession`. */
  open(library: Library, setup: unknown, nativeCall: NativeCall): Promise<ServedSession>;
}

/**
 * Makes one native call. Every call that can take more than a few milliseconds goes through it: messages are heard before
 * it, its end is a sign of life for the deadline, and a thread is not ended inside it.
 * @throws WebsslError `BACKEND_ABORTED` instead of calling where the signal is aborted or the session is being ended.
 */
export type NativeCall = <Result>(
  call: () => Result | Promise<Result>,
  signal?: AbortSignal,
) => Promise<Result>;

/** One run, as the served session gets it: checked, with nothing left to a default. */
export interface ServedRun {
  readonly input: PixelBatch;
  readonly outputs: readonly OutputName[];
  readonly tokens: TokenSelection;
  /** Aborted where the caller no longer wants the result. Give it to every native call. */
  readonly signal: AbortSignal;
}

/** The native side of a session. */
export interface ServedSession {
  readonly device: ServedDevice;
  readonly batchSizes: readonly number[];
  /** How many runs are executed at once. They begin in order. Default 1. */
  readonly concurrentRuns?: number;
  /** An error with the code `BACKEND_LOST` ends the whole session: the child is killed without `close`. Any other ends this run. */
  run(run: ServedRun): Promise<RunResult>;
  /** Frees everything native. Called once, after the last run has ended. */
  close(): Promise<void>;
}
