/** Numbers with a shape, in row-major order. `data.length` is the product of `dims`. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/**
 * Preprocessed images: float32 `[B, 3, H, W]`, channels in the order red, green, blue. `data` may lie in a SharedArrayBuffer: a
 * worker thread then reads it where it is, which saves a copy a batch.
 */
export interface PixelBatch {
  readonly data: Float32Array;
  readonly dims: readonly [batch: number, channels: 3, height: number, width: number];
}

/** Height and width of a model's input, in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}
