import { performance } from 'node:perf_hooks';
import {
  type Backend,
  type BackendSession,
  type ModelSource,
  type OpenOptions,
  type PixelBatch,
  type RunResult,
  WebsslError,
} from '@webssl/backend';
import { untilAborted } from '@webssl/backend/host';
import { closedError } from './closed-error.js';
import type { Demand } from './feature.js';

/** What a device has been through. Kept for the device, not for one of its sessions. */
export interface DeviceHealth {
  /** Sessions lost since a run last succeeded. */
  lossesInARow: number;
  /** Whether the device itself is defective. */
  defective: boolean;
  /** Why its last session was lost or could not be opened again, until a run succeeds. */
  error: Error | undefined;
  /** Not opened again before, in milliseconds of `performance.now()`. */
  notBefore: number;
}

export interface PoolMemberOptions {
  readonly backend: Backend;
  readonly source: ModelSource;
  /** How a session is opened, besides the signal. */
  readonly open: Omit<OpenOptions, 'signal'>;
  readonly health: DeviceHealth;
  readonly reopenDelay: ((lossesInARow: number) => number) | undefined;
  readonly onOpened: (session: BackendSession) => void;
  readonly onLost: (error: Error) => void;
}

/** One device of a pool with the session that is open on it. */
export class PoolMember {
  readonly health: DeviceHealth;
  /** Runs that are under way or wait for the session. */
  running = 0;
  readonly #options: PoolMemberOptions;
  #session: Promise<BackendSession> | undefined;
  /** Ends the opening of the session; absent when none is under way. */
  #opening: AbortController | undefined;
  /** Callers that wait for the opening. */
  #waiting = 0;
  #hasOpened = false;
  #isClosed = false;
  /** Why a device that had been open could not be opened again. */
  #reopening: unknown;

  constructor(options: PoolMemberOptions) {
    this.#options = options;
    this.health = options.health;
  }

  /**
   * The open session; one that failed to open or was lost is opened again. Several callers may wait for one opening: who
   * aborts leaves, and the opening ends with the last of them.
   * @throws WebsslError `ENCODER_CLOSED` once the member is closed: nobody would close what it opened.
   */
  async session(signal: AbortSignal | undefined): Promise<BackendSession> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closedError();
    if (this.#session === undefined) this.#refuseWhileItRests();
    const session = this.#session ?? this.#open();
    this.#waiting++;
    try {
      return await untilAborted(session, signal);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#opening?.abort();
    }
  }

  /** Runs what the session was opened for, or less. */
  async run(input: PixelBatch, demand: Demand, signal: AbortSignal | undefined): Promise<RunResult> {
    let opened: Promise<BackendSession> | undefined;
    this.running++;
    try {
      const session = await this.session(signal);
      opened = this.#session;
      const result = await session.run(input, {
        outputs: demand.outputs,
        tokens: demand.tokens,
        ...(signal === undefined ? {} : { signal }),
      });
      this.health.lossesInARow = 0;
      this.health.error = undefined;
      return result;
    } catch (error) {
      if (WebsslError.isInstance(error, 'BACKEND_LOST') && this.#session === opened)
        this.#session = undefined;
      throw error;
    } finally {
      this.running--;
    }
  }

  /** Whether this error of a run means that the device was lost, so that another may do better. */
  isLoss(error: unknown): boolean {
    return (
      WebsslError.isInstance(error, 'BACKEND_LOST') || (error !== undefined && error === this.#reopening)
    );
  }

  /** Ends the session, also one that is being opened. Nothing is opened any more. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#opening?.abort();
    const session = await this.#session?.catch(() => undefined);
    await session?.close();
  }

  #open(): Promise<BackendSession> {
    const { backend, source, open, onOpened } = this.#options;
    const opening = new AbortController();
    const session = backend.open(source, { ...open, signal: opening.signal });
    this.#session = session;
    this.#opening = opening;
    const forget = () => {
      this.#opening = undefined;
      if (this.#session === session) this.#session = undefined;
    };
    session.then(
      (opened) => {
        this.#opening = undefined;
        this.#hasOpened = true;
        onOpened(opened);
        void opened.closed.then((reason) => {
          forget();
          if (reason.kind === 'lost') this.#lost(reason.error);
        });
      },
      (error: unknown) => {
        forget();
        if (!this.#hasOpened || opening.signal.aborted || !(error instanceof Error)) return;
        this.#reopening = error;
        this.#lost(error);
      },
    );
    return session;
  }

  #refuseWhileItRests(): void {
    const { notBefore, lossesInARow, error } = this.health;
    const wait = notBefore - performance.now();
    if (wait <= 0) return;
    const retryAfterSeconds = Math.ceil(wait / 1000);
    throw new WebsslError({
      code: 'BACKEND_LOST',
      message: `The device was lost ${lossesInARow} times in a row and is tried again in ${retryAfterSeconds} s: ${error?.message}`,
      cause: error,
      details: { retryAfterSeconds, lossesInARow },
    });
  }

  #lost(error: Error): void {
    this.health.lossesInARow++;
    this.health.error = error;
    this.health.notBefore = performance.now() + (this.#options.reopenDelay?.(this.health.lossesInARow) ?? 0);
    if (WebsslError.isInstance(error) && error.details['policy'] === 'give-up') this.health.defective = true;
    this.#options.onLost(error);
  }
}
