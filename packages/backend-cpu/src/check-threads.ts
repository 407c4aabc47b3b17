import { cpus } from 'node:os';
import { WebsslError } from '@webssl/backend';

/** More only wait for each other: hundreds on two cores take ten times as long, and thousands bring the machine to a stop. */
const mostThreads = Math.max(64, cpus().length);

/** @throws WebsslError `BACKEND_OPTION_INVALID` for a number of threads that is none, or that no machine like this one has a use for */
export function checkThreads(threads: number | undefined): void {
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads)) return;
  throw new WebsslError({
    code: 'BACKEND_OPTION_INVALID',
    message: `The CPU's threads must be a whole number from 1 to ${mostThreads}, not ${threads}; this machine has ${cpus().length} CPUs.`,
    details: { option: 'threads', value: threads },
  });
}
