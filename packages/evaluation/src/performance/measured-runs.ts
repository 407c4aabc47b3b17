import type { RunResult, RunTiming } from '@webssl/backend';

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
}

/** Whether a measurement may end, after so many submitted runs (or images) and seconds. */
export type IsEnough = (submitted: number, seconds: number) => boolean;

/**
 * Keeps `concurrency` runs in flight, each submitted as soon as another one is done, until it is enough; then waits for the
 * last ones. When one fails, no more are submitted.
 *
 * @throws what the first run to fail throws, when none is in flight any more
 */
export async function measureRuns(
  run: () => Promise<RunResult>,
  { concurrency, isEnough }: { readonly concurrency: number; readonly isEnough: IsEnough },
): Promise<MeasuredRuns> {
  const runs: MeasuredRun[] = [];
  const failures: unknown[] = [];
  let submitted = 0;
  const began = performance.now();
  const lane = async () => {
    while (failures.length === 0 && !isEnough(submitted, secondsSince(began))) {
      const position = submitted++;
      const start = performance.now();
      try {
        const { timing } = await run();
        runs[position] = { milliseconds: performance.now() - start, timing };
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  const seconds = secondsSince(began);
  if (failures.length > 0) throw failures[0];
  return { runs, seconds };
}

/** @param start as `performance.now()` told it */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
