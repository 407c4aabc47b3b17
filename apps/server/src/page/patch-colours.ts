import { percentile, principalComponents } from '@webssl/metrics';
import type { FloatTensor } from './read-safetensors.js';

export interface PatchColours {
  /** RGBA, a pixel a patch. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** Of the variance of the patch tokens, what red, green and blue show. */
  readonly shares: readonly number[];
}

/** Below and above these parts of the patches the colour no longer changes: one outlier would take all contrast. */
const [darkest, brightest] = [0.01, 0.99];

/**
 * Patch tokens `[N, D]` as colours: their first three principal components are red, green and blue.
 *
 * @throws WebsslError `METRICS_VALUES_NOT_FINITE`, `METRICS_SHAPE_MISMATCH`
 */
export function patchColours({ shape, data }: FloatTensor): PatchColours {
  const [rows = 0, columns = 0] = shape;
  const { projections, variances, totalVariance } = principalComponents(data, { rows, columns, count: 3 });
  const pixels = new Uint8ClampedArray(rows * 4);
  for (let channel = 0; channel < 3; channel++) {
    const positions = Array.from({ length: rows }, (_, row) => projections[row * 3 + channel] as number);
    const [low, high] = [percentile(positions, darkest), percentile(positions, brightest)];
    for (const [row, position] of positions.entries()) {
      pixels[row * 4 + channel] = high > low ? (255 * (position - low)) / (high - low) : 128;
      pixels[row * 4 + 3] = 255;
    }
  }
  return {
    pixels,
    shares: Array.from(variances, (variance) => (totalVariance > 0 ? variance / totalVariance : 0)),
  };
}
