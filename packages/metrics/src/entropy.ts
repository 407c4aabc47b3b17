import { WebsslError } from '@webssl/backend';
import type { Values } from './comparison.js';

/**
 * Mean Shannon entropy of the rows of an attention map, as a share of the largest possible one, `log(rowLength)`:
 * 0 when every token looks at one token, 1 when every token looks at all tokens alike.
 *
 * @param probabilities rows of `rowLength` probabilities, such as `attentions.k` `[B, heads, T, T]` with `rowLength` T
 * @throws WebsslError `METRICS_SHAPE_MISMATCH` when the values are not whole rows
 */
export function meanAttentionEntropy(probabilities: Values, rowLength: number): number {
  if (rowLength < 2 || probabilities.length === 0 || probabilities.length % rowLength !== 0) {
    throw new WebsslError({
      code: 'METRICS_SHAPE_MISMATCH',
      message: `${probabilities.length} probabilities are not rows of ${rowLength}; a row needs at least 2.`,
    });
  }
  let total = 0;
  for (let index = 0; index < probabilities.length; index++) {
    const probability = probabilities[index] as number;
    if (probability !== 0) total -= probability * Math.log(probability);
  }
  return total / (probabilities.length / rowLength) / Math.log(rowLength);
}
