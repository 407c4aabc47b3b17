import {
  type Backend,
  type BackendSession,
  type CloseReason,
  type ModelSource,
  type OpenOptions,
  type PixelBatch,
  type RunOptions,
  type RunResult,
  WebsslError,
} from '@webssl/backend';
import { resolveDevice } from '@webssl/encoder';
import { deferred } from './deferred.js';

/** The CPU, which a test can hold up, make fail and look at. */
export class SteeredDevice implements Backend {
  readonly specificationVersion = 'v1';
  readonly id = 'steered';
  /** Images of each run that began. */
  readonly batches: number[] = [];
  /** What is made of each result before it is given back. */
  change: (result: RunResult) => RunResult = (result) => result;
  readonly #cpu: Backend;
  readonly #batchSizes: readonly number[];
  #isLost = false;
  #held: Promise<void> = Promise.resolve();
  #previous: Promise<unknown> = Promise.resolve();

  private constructor(cpu: Backend, batchSizes: readonly number[]) {
    this.#cpu = cpu;
    this.#batchSizes = batchSizes;
  }

  /** @param batchSizes those that the device says suit it */
  static async create(...batchSizes: number[]): Promise<SteeredDevice> {
    const { backends } = await resolveDevice({ device: 'cpu', threads: 1 });
    const [cpu] = backends;
    if (cpu === undefined) throw new Error('there is no CPU');
    return new SteeredDevice(cpu, batchSizes.length === 0 ? [1] : batchSizes);
  }

  /** Images that the device was given. */
  get images(): number {
    return this.batches.reduce((sum, images) => sum + images, 0);
  }

  /**
   * From now on the next run begins, and ends only after a release. Runs are executed one after the other.
   *
   * @returns the release of the runs that began since
   */
  hold(): () => void {
    const { promise, resolve } = deferred<void>();
    this.#held = promise;
    return () => {
      if (this.#held === promise) this.#held = Promise.resolve();
      resolve();
    };
  }

  /** From now on every run and every opening fails. */
  lose(): void {
    this.#isLost = true;
  }

  mend(): void {
    this.#isLost = false;
  }

  probe(): ReturnType<Backend['probe']> {
    return this.#cpu.probe();
  }

  async open(model: ModelSource, options: OpenOptions): Promise<BackendSession> {
    this.#failIfLost();
    const session = await this.#cpu.open(model, options);
    const lost = deferred<CloseReason>();
    return {
      device: session.device,
      batchSizes: this.#batchSizes,
      maxInFlight: 2,
      closed: Promise.race([session.closed, lost.promise]),
      close: () => session.close(),
      run: async (input, runOptions) => {
        try {
          return await this.#run(session, input, runOptions);
        } catch (error) {
          if (WebsslError.isInstance(error, 'BACKEND_LOST')) lost.resolve({ kind: 'lost', error });
          throw error;
        }
      },
    };
  }

  #run(session: BackendSession, input: PixelBatch, options: RunOptions = {}): Promise<RunResult> {
    const { signal } = options;
    const run = this.#previous.then(async () => {
      signal?.throwIfAborted();
      this.#failIfLost();
      this.batches.push(input.dims[0]);
      await this.#held;
      this.#failIfLost();
      return this.change(await session.run(input, options));
    });
    this.#previous = run.catch(() => undefined);
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    return Promise.race([run, aborted]);
  }

  #failIfLost(): void {
    if (!this.#isLost) return;
    throw new WebsslError({ code: 'BACKEND_LOST', message: 'the device in /secret/place was pulled out' });
  }
}
