/**
 * Width inside a plain feed-forward network given as a ratio of the hidden size, truncated as the reference truncates it
 * (`Dinov2MLP`).
 */
export function plainFeedForwardSize(hiddenSize: number, ratio: number): number {
  return Math.trunc(hiddenSize * ratio);
}

/**
 * Width of one half of a SwiGLU network: two thirds of the plain width, rounded up to a multiple of 8
 * (`Dinov2SwiGLUFFN`, and `SwiGLUFFNFused` in the code that trained Web-DINO).
 */
export function swigluFeedForwardSize(hiddenSize: number, ratio: number): number {
  const twoThirds = Math.trunc((plainFeedForwardSize(hiddenSize, ratio) * 2) / 3);
  return Math.floor((twoThirds + 7) / 8) * 8;
}
