import { type Tensor, WebsslError } from '@webssl/backend';
import { checkState } from '../run/state-check.js';

/**
 * Refuses an answer that does not count: a device that gives none is quick.
 *
 * @param dims what the answer must have
 * @throws WebsslError `EVALUATION_RESULT_INVALID` for what {@link checkState} refuses, and for values that are not finite
 */
export function checkAnswer(tensor: Tensor | undefined, dims: readonly number[]): void {
  const { data } = checkState(tensor, dims);
  let notFinite = 0;
  for (const value of data) if (!Number.isFinite(value)) notFinite++;
  if (notFinite === 0) return;
  throw new WebsslError({
    code: 'EVALUATION_RESULT_INVALID',
    message: `Of the ${data.length} values of last_hidden_state [${dims.join(', ')}] that the device answered with, ${notFinite} are not finite. See an accuracy run for which ones.`,
    details: { notFinite, values: data.length },
  });
}
