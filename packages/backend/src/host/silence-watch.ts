const longestTick = 250;
const ticksPerDeadline = 20;

/**
 * Tells when a child that owes an answer has been silent for too long.
 *
 * Silence is counted in ticks and not by the clock: while the caller's own event loop is blocked it cannot hear the child,
 * and a long block counts as one tick only. At least {@link ticksPerDeadline} turns of the loop come before the verdict,
 * so everything that the child has said by then is heard.
 */
export class SilenceWatch {
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** Begins to count, or counts on where it has begun. */
  start(deadlineMilliseconds: number): void {
    if (this.#timer !== undefined || !Number.isFinite(deadlineMilliseconds)) return;
    this.#ticks = 0;
    const tick = Math.min(longestTick, Math.max(1, deadlineMilliseconds / ticksPerDeadline));
    const patience = Math.ceil(deadlineMilliseconds / tick);
    this.#timer = setInterval(() => {
      this.#ticks += 1;
      if (this.#ticks > patience) {
        this.stop();
        this.#onSilence();
      }
    }, tick).unref();
  }

  /** The child said something. */
  heard(): void {
    this.#ticks = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
