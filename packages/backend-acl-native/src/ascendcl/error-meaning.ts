import { engineErrors } from './engine-errors.js';
import { advice, type ErrorMeaning, type ErrorPolicy } from './error-policy.js';
import { interfaceErrors } from './interface-errors.js';
import { runtimeErrors } from './runtime-errors.js';

/** Every error code that AscendCL documents, with its meaning. */
export const errorMeanings: ReadonlyMap<number, ErrorMeaning> = new Map([
  ...interfaceErrors,
  ...runtimeErrors,
  ...engineErrors,
]);

/** The meaning of a code; that of its range where the code is not a known one. */
export function errorMeaning(code: number): ErrorMeaning {
  return (
    errorMeanings.get(code) ?? {
      name: 'UNKNOWN',
      meaning: 'an error that this package does not know',
      policy: policyOfRange(code),
      advice: advice.fresh,
    }
  );
}

/** 1xxxxx: wrong calls. 2xxxxx: resources. 5xxxxx: failures of software or hardware below AscendCL. */
function policyOfRange(code: number): ErrorPolicy {
  if (code >= 500_000 && code < 600_000) return 'renew';
  return code >= 200_000 && code < 300_000 ? 'shed' : 'refuse';
}
