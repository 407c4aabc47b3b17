import { WebsslError } from '@webssl/backend';
import { heatColour } from './heat-colour.js';
import type { FloatTensor } from './read-safetensors.js';

/** What the CLS token attends to among the patches. */
export interface ClsAttention {
  readonly heads: number;
  /** `[heads, patches]`, parts of 1. */
  readonly data: Float32Array;
}

/**
 * The CLS token's rows of an attention `[heads, T, T]`, without what it gives to itself and to tokens that are no patches.
 *
 * @throws WebsslError `ANSWER_UNREADABLE` when it has no such shape
 */
export function clsAttention({ shape, data }: FloatTensor, patches: number): ClsAttention {
  const [heads = 0, tokens = 0, keys = 0] = shape;
  if (shape.length !== 3 || tokens !== keys || tokens <= patches) {
    throw new WebsslError({
      code: 'ANSWER_UNREADABLE',
      message: `The attention has the shape [${shape.join(', ')}], which does not fit ${patches} patches.`,
    });
  }
  const kept = new Float32Array(heads * patches);
  for (let head = 0; head < heads; head++) {
    const row = head * tokens * tokens;
    kept.set(data.subarray(row + tokens - patches, row + tokens), head * patches);
  }
  return { heads, data: kept };
}

/** Attention to each patch: of one head, or the mean of all. */
export function attentionOfHead({ heads, data }: ClsAttention, head: number | 'mean'): Float64Array {
  const patches = data.length / heads;
  const chosen = head === 'mean' ? Array.from({ length: heads }, (_, index) => index) : [head];
  return Float64Array.from({ length: patches }, (_, patch) =>
    chosen.reduce((sum, index) => sum + (data[index * patches + patch] ?? Number.NaN) / chosen.length, 0),
  );
}

export interface AttentionColours {
  /** RGBA, a pixel a patch; transparent where the attention is not finite. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** The attention that the brightest colour stands for, a part of 1. */
  readonly largest: number;
  /** What all patches get together. */
  readonly total: number;
}

/** Colours from no attention (dark) to the largest (bright). */
export function attentionColours(attention: Float64Array): AttentionColours {
  const largest = attention.filter(Number.isFinite).reduce((most, value) => Math.max(most, value), 0);
  const pixels = new Uint8ClampedArray(attention.length * 4);
  for (const [patch, value] of attention.entries()) {
    if (!Number.isFinite(value)) continue;
    pixels.set([...heatColour(largest > 0 ? value / largest : 0), 255], patch * 4);
  }
  return { pixels, largest, total: attention.reduce((sum, value) => sum + value, 0) };
}
