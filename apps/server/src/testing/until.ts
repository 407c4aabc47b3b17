import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for something to become true.
 *
 * @throws Error when that takes longer than `patience` milliseconds
 */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  patience = 30_000,
): Promise<void> {
  const end = performance.now() + patience;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`this did not come true: ${what}`);
    await sleep(5);
  }
}
