/** A model's architecture: the validated config.json, with every default filled in as the reference fills it. */
export interface ModelConfig {
  readonly modelType: 'vit' | 'dinov2';
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly patchSize: number;
  readonly channels: 3;
  /** Side of the square input that the position embeddings were made for, in pixels. */
  readonly imageSize: number;
  readonly feedForward: 'gelu' | 'swiglu';
  /** Width inside the feed-forward network; for SwiGLU the width of one half. */
  readonly feedForwardSize: number;
  /** Whether query, key and value have a bias. */
  readonly queryKeyValueBias: boolean;
  readonly layerScale: boolean;
  readonly layerNormEpsilon: number;
}
