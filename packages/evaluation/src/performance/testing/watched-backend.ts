import { setTimeout as delay } from 'node:timers/promises';
import type {
  Backend,
  BackendSession,
  ModelSource,
  OpenOptions,
  PixelBatch,
  RunOptions,
  RunResult,
} from '@webssl/backend';
import { resolveDevice } from '@webssl/encoder';

/** One call of `run`, by a clock of its own. */
export interface WatchedRun {
  readonly batch: number;
  /** Runs in flight when it was submitted, itself included. */
  readonly inFlight: number;
  readonly start: number;
  end: number;
  result: RunResult | undefined;
}

export interface WatchedSession {
  readonly session: BackendSession;
  closeCalled: number | undefined;
}

export interface WatchedOptions {
  /** Added to the time of each run. */
  readonly milliseconds?: number;
  /** From this run on, counted from 1, none ends, not even when its signal is aborted. */
  readonly deafFrom?: number;
  /** May throw in the place of the run. */
  readonly beforeRun?: (input: PixelBatch, session: BackendSession) => void;
  /** What becomes of a result. */
  readonly afterRun?: (result: RunResult, runs: readonly WatchedRun[]) => RunResult;
}

/** The CPU backend with a record of everything that was done with it. */
export class WatchedBackend implements Backend {
  readonly specificationVersion = 'v1';
  readonly id: string;
  readonly runs: WatchedRun[] = [];
  readonly sessions: WatchedSession[] = [];
  readonly #options: WatchedOptions;

  constructor(id: string, options: WatchedOptions = {}) {
    this.id = id;
    this.#options = options;
  }

  probe(): Promise<never> {
    throw new Error('nothing asks this device whether it is here');
  }

  async open(source: ModelSource, options: OpenOptions): Promise<BackendSession> {
    const [cpu] = (await resolveDevice({ threads: 1 })).backends;
    if (cpu === undefined) throw new Error('there is no CPU backend');
    const session = await cpu.open(source, options);
    const watched: WatchedSession = { session, closeCalled: undefined };
    this.sessions.push(watched);
    const { device, batchSizes, maxInFlight, closed } = session;
    return {
      device,
      batchSizes,
      maxInFlight,
      closed,
      run: (input, runOptions = {}) => this.#run(session, input, runOptions),
      close: () => {
        watched.closeCalled ??= performance.now();
        return session.close();
      },
    };
  }

  async #run(session: BackendSession, input: PixelBatch, options: RunOptions): Promise<RunResult> {
    const inFlight = 1 + this.runs.filter(({ end }) => Number.isNaN(end)).length;
    const start = performance.now();
    const run: WatchedRun = { batch: input.dims[0], inFlight, start, end: Number.NaN, result: undefined };
    this.runs.push(run);
    const { milliseconds = 0, deafFrom = Number.POSITIVE_INFINITY, beforeRun, afterRun } = this.#options;
    try {
      beforeRun?.(input, session);
      if (this.runs.length >= deafFrom) await new Promise(() => {});
      const { signal } = options;
      if (milliseconds > 0) await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
      const result = await session.run(input, options);
      run.result = afterRun?.(result, this.runs) ?? result;
      return run.result;
    } finally {
      run.end = performance.now();
    }
  }
}
