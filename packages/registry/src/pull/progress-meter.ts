import type { PlannedFile, PullProgress } from './pull-event.js';

/** The rate is that of the last seconds: an average over everything would hide that a link has died. */
const windowMilliseconds = 10_000;
const reportMilliseconds = 200;

/** How often it is told that nothing comes. */
const standstillMilliseconds = 1000;

/** Before that, a rate says more about how a connection begins than about how long the rest takes. */
const shortestSeconds = 1;

/** Counts the bytes of a download and tells now and then how far it is. */
export class ProgressMeter {
  readonly #report: (progress: PullProgress) => void;
  readonly #samples: { readonly time: number; readonly bytes: number }[] = [];
  /** By path. A file of unknown length is as long as what is there of it. */
  readonly #files = new Map<string, { readonly bytes: number | undefined; presentBytes: number }>();
  #fetchedBytes = 0;
  #reported = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(report: (progress: PullProgress) => void) {
    this.#report = report;
    this.#samples.push({ time: performance.now(), bytes: 0 });
  }

  /** How much of files is on disk now, whoever has brought it. */
  find(files: readonly PlannedFile[]): void {
    for (const { path, bytes, presentBytes } of files) this.#files.set(path, { bytes, presentBytes });
  }

  /** Files that are not needed after all. */
  drop(files: readonly PlannedFile[]): void {
    for (const { path } of files) this.#files.delete(path);
  }

  /** Bytes of a file that came over the network; fewer than none when damaged ones were thrown away. */
  addFetched(path: string, bytes: number): void {
    const file = this.#files.get(path);
    if (file !== undefined) file.presentBytes += bytes;
    this.#fetchedBytes += Math.max(bytes, 0);
    if (performance.now() - this.#reported >= reportMilliseconds) this.report();
  }

  /** Tells it also while nothing comes, so that the rate falls, until {@link stop}. */
  start(): void {
    this.#timer = setInterval(() => {
      try {
        if (performance.now() - this.#reported >= standstillMilliseconds) this.report();
      } catch (error) {
        // A listener's error ends the pull, not the process: with the next byte.
        this.#failure = { error };
      }
    }, standstillMilliseconds).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  report(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    const now = performance.now();
    this.#reported = now;
    this.#samples.push({ time: now, bytes: this.#fetchedBytes });
    while (this.#samples.length > 2 && now - (this.#samples[1]?.time ?? now) >= windowMilliseconds) {
      this.#samples.shift();
    }
    const first = this.#samples[0] ?? { time: now, bytes: this.#fetchedBytes };
    const seconds = (now - first.time) / 1000;
    const bytesPerSecond = seconds > 0 ? (this.#fetchedBytes - first.bytes) / seconds : 0;
    const { presentBytes, totalBytes } = this.#sums();
    this.#report({
      kind: 'progress',
      presentBytes,
      totalBytes,
      bytesPerSecond,
      secondsLeft:
        bytesPerSecond > 0 && seconds >= shortestSeconds
          ? Math.max(totalBytes - presentBytes, 0) / bytesPerSecond
          : undefined,
    });
  }

  #sums(): { readonly presentBytes: number; readonly totalBytes: number } {
    let presentBytes = 0;
    let totalBytes = 0;
    for (const file of this.#files.values()) {
      presentBytes += file.presentBytes;
      totalBytes += file.bytes ?? file.presentBytes;
    }
    return { presentBytes, totalBytes };
  }
}
