import { type Smoothing, smoothingPlaces } from '@webssl/graph/quantization';
import { median } from '@webssl/metrics';
import type { Checkpoint } from '@webssl/registry';
import { readTensor } from '@webssl/tensor-files';

/** Beyond this, float32 itself would lose digits. */
const largestExponent = 20;

/**
 * How far to shift the difficulty of each channel from activations to weights: by the square root of the ratio of their peaks
 * (SmoothQuant's alpha = 0.5, arXiv 2211.10438), to the nearest power of two. Places that need nothing are left out.
 * @param peaks largest absolute activation of each channel, by place
 * @throws the signal's reason
 */
export async function chooseSmoothing(
  { config, tensors }: Checkpoint,
  peaks: ReadonlyMap<string, Float32Array>,
  signal?: AbortSignal,
): Promise<Smoothing> {
  const smoothing: Record<string, readonly number[]> = {};
  for (const { name, channels, readers } of smoothingPlaces(config)) {
    const weights = new Float32Array(channels);
    for (const reader of readers) {
      signal?.throwIfAborted();
      const entry = tensors.get(`${reader}.weight`);
      if (entry !== undefined) raiseToColumnPeaks(weights, (await readTensor(entry)).data);
    }
    const exponents = exponentsOf(peaks.get(name) ?? new Float32Array(channels), weights);
    if (exponents.some((exponent) => exponent !== 0)) smoothing[name] = exponents;
  }
  return smoothing;
}

function raiseToColumnPeaks(peaks: Float32Array, matrix: Float32Array): void {
  for (let index = 0, column = 0; index < matrix.length; index++) {
    const size = Math.abs(matrix[index] ?? 0);
    if (size > (peaks[column] ?? 0)) peaks[column] = size;
    column = column + 1 === peaks.length ? 0 : column + 1;
  }
}

/** Exponents of two, so that most channels stay as they are: one scale of the whole tensor changes nothing. */
export function exponentsOf(activations: Float32Array, weights: Float32Array): readonly number[] {
  const wanted = Array.from(activations, (activation, channel) => {
    const weight = weights[channel] ?? 0;
    return activation > 0 && weight > 0 ? Math.log2(activation / weight) / 2 : undefined;
  });
  const known = wanted.filter((exponent) => exponent !== undefined);
  if (known.length === 0) return wanted.map(() => 0);
  const middle = median(known);
  return wanted.map((exponent) => {
    const rounded = exponent === undefined ? 0 : Math.round(exponent - middle);
    return Math.max(-largestExponent, Math.min(largestExponent, rounded)) + 0;
  });
}
