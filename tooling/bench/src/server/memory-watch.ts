import { canReadProcessTree, readTreeMemory } from '../process-tree.js';

const sampleMilliseconds = 1000;

/**
 * Looks every second at the resident memory of a process and of all it started, as long as some work takes.
 *
 * @returns beside the work's result, the bytes of each second; none where the system does not tell
 */
export async function watchMemory<T>(
  processId: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly bytes: readonly number[] }> {
  if (!canReadProcessTree()) return { result: await work(), bytes: [] };
  const bytes: number[] = [];
  const timer = setInterval(
    () => bytes.push(readTreeMemory(processId, 'resident').bytes),
    sampleMilliseconds,
  );
  try {
    return { result: await work(), bytes };
  } finally {
    clearInterval(timer);
  }
}

/** How much a series grows from one sample to the next: the slope of the straight line that fits best (least squares). */
export function slopeOf(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  let product = 0;
  let square = 0;
  for (const [position, sample] of samples.entries()) {
    product += (position - middle) * (sample - mean);
    square += (position - middle) ** 2;
  }
  return product / square;
}
