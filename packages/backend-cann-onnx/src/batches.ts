/** Some images of a batch that are computed in one call. */
export interface Chunk {
  /** Index of the first image. */
  readonly start: number;
  /** Images of the caller. */
  readonly images: number;
  /** Images that the device computes: the rest is padding. */
  readonly size: number;
}

/**
 * Splits a batch over the sizes that a device computes: the largest as often as it is filled, then the smallest that holds the
 * rest.
 * @param sizes ascending, at least one
 */
export function splitBatch(batch: number, sizes: readonly number[]): Chunk[] {
  const largest = sizes.at(-1) ?? 1;
  const chunks: Chunk[] = [];
  for (let start = 0; start < batch; start += largest) {
    const images = Math.min(largest, batch - start);
    chunks.push({ start, images, size: sizes.find((size) => size >= images) ?? largest });
  }
  return chunks;
}

/** The pixels of a chunk, `[size, ...]`: the caller's own memory where it is full, else a copy with images of zeros after it. */
export function chunkPixels(pixels: Float32Array, imageLength: number, chunk: Chunk): Float32Array {
  const own = pixels.subarray(chunk.start * imageLength, (chunk.start + chunk.images) * imageLength);
  if (chunk.images === chunk.size) return own;
  const padded = new Float32Array(chunk.size * imageLength);
  padded.set(own);
  return padded;
}
