import type { RunResult, RunTiming } from '@webssl/backend';
import { untilAborted } from '@webssl/backend/host';

/** One run as its caller saw it. */
interface MeasuredRun {
  /** From its submission to its result. */
  readonly milliseconds: number;
  readonly timing: RunTiming | undefined;
}

export interface MeasuredRuns {
  /** In the order of their submission. */
  readonly runs: readonly MeasuredRun[];
  /** From the first submission to the last result. */
  readonly seconds: number;
  /** Results of the run that was submitted first and of the one submitted last; those between are not kept. */
  readonly first: RunResult | undefined;
  readonly last: RunResult | undefined;
}

export interface MeasuredRunsOptions {
  readonly concurrency: number;
  readonly isEnough: IsEnough;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a measurement may end, after so many submitted runs (or images) and seconds. */
export type IsEnough = (submitted: number, seconds: number) => boolean;

/**
 * Keeps `concurrency` runs in flight, each submitted as soon as another one is done, until it is enough; then waits for the
 * last ones. When one fails, no more are submitted.
 *
 * @throws what the first run to fail throws, when none is in flight any more; the signal's reason at once
 */
export async function measureRuns(
  run: () => Promise<RunResult>,
  { concurrency, isEnough, signal }: MeasuredRunsOptions,
): Promise<MeasuredRuns> {
  const runs: MeasuredRun[] = [];
  const failures: unknown[] = [];
  let first: RunResult | undefined;
  let last: RunResult | undefined;
  let lastPosition = -1;
  let submitted = 0;
  const began = performance.now();
  const lane = async () => {
    while (failures.length === 0 && !isEnough(submitted, secondsSince(began))) {
      signal?.throwIfAborted();
      const position = submitted++;
      const start = performance.now();
      try {
        const result = await run();
        runs[position] = { milliseconds: performance.now() - start, timing: result.timing };
        if (position === 0) first = result;
        if (position > lastPosition) [last, lastPosition] = [result, position];
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await untilAborted(Promise.all(Array.from({ length: concurrency }, lane)), signal);
  const seconds = secondsSince(began);
  if (failures.length > 0) throw failures[0];
  return { runs, seconds, first, last };
}

/** @param start as `performance.now()` told it */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
