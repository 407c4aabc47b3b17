import { cpus } from 'node:os';
import { WebsslError } from '@webssl/backend';

/** More only wait for each other: hundreds on two cores take ten times as long, and thousands bring the machine to a stop. */
const usualMost = 64;

/** @throws WebsslError `BACKEND_OPTION_INVALID` for a number of threads that is none, or that no machine like this one has a use for */
export function checkThreads(threads: number | undefined): void {
  if (threads === undefined) return;
  const isCount = Number.isInteger(threads) && threads >= 1;
  if (isCount && threads <= usualMost) return;
  // Looked up for those alone who ask for so many: it takes time on machines that have many.
  const { length: count } = cpus();
  const most = Math.max(usualMost, count);
  if (isCount && threads <= most) return;
  throw new WebsslError({
    code: 'BACKEND_OPTION_INVALID',
    message: `The CPU's threads must be a whole number from 1 to ${most}, not ${threads}; this machine has ${count} CPUs.`,
    details: { option: 'threads', value: threads },
  });
}
