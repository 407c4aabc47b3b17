import type { ImageSize } from '@webssl/backend';
import type { ModelConfig } from '@webssl/registry';

/** Floating-point operations of one image, by what they are for. A multiplication and an addition are two operations. */
export interface OperationCount {
  readonly patchEmbedding: number;
  /** Query, key, value and output projections of all layers. */
  readonly projections: number;
  /** Scores and weighted sums of all layers: the only part that grows with the square of the tokens. */
  readonly attention: number;
  readonly feedForward: number;
  readonly total: number;
}

/**
 * Counts the matrix products of a vision transformer for one image, all tokens asked for. Normalisation, activation and
 * softmax are left out, as PyTorch's FlopCounterMode does: together they are less than 0.1 %.
 */
export function countOperations(config: ModelConfig, size: ImageSize): OperationCount {
  const { hiddenSize, layers, patchSize, channels, feedForward, feedForwardSize } = config;
  const patches = (size.height / patchSize) * (size.width / patchSize);
  const tokens = patches + 1;
  const feedForwardMatrices = feedForward === 'swiglu' ? 3 : 2;
  const parts = {
    patchEmbedding: 2 * patches * channels * patchSize ** 2 * hiddenSize,
    projections: 2 * layers * tokens * 4 * hiddenSize ** 2,
    attention: 2 * layers * 2 * tokens ** 2 * hiddenSize,
    feedForward: 2 * layers * tokens * feedForwardMatrices * hiddenSize * feedForwardSize,
  };
  const total = parts.patchEmbedding + parts.projections + parts.attention + parts.feedForward;
  return { ...parts, total };
}
