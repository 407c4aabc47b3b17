import type { DeviceProblem } from '../contract.js';
import type { WebsslError } from '../webssl-error.js';

/**
 * An error as a problem of a device: what is wrong, and apart from it the `advice` of the error's details, which is what to do.
 * @param advice where the details have none
 */
export function problemOf({ code, message, details }: WebsslError, advice: string): DeviceProblem {
  const own = details['advice'];
  return typeof own === 'string'
    ? { code, reason: without(own, message), advice: own }
    : { code, reason: message, advice };
}

/** Messages of errors are complete, and have the advice at their end or before what a library said. */
function without(advice: string, message: string): string {
  return message
    .split(advice)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
}
