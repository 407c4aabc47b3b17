import type { PixelBatch, Tensor } from '@webssl/backend';
import type { PixelValues } from '@webssl/preprocess';

/**
 * One image's part of a batch's tensor, without the batch dimension. A tensor that is not what its dims say, or no tensor,
 * is handed on as it is: comparing it shows that its shape is wrong.
 */
export function rowOf(tensor: Tensor | undefined, position: number, batch: number): Tensor {
  if (tensor === undefined) return { data: new Float32Array(), dims: [] };
  const { data, dims } = tensor;
  const [rows, ...rest] = dims;
  const length = rest.reduce((product, size) => product * size, 1);
  if (rows !== batch || data.length !== batch * length) return tensor;
  return { data: data.subarray(position * length, (position + 1) * length), dims: rest };
}

/** The CLS token, `[D]`, of an image's `[T, D]`; anything else is handed on as it is. */
export function classTokenOf(tokens: Tensor): Tensor {
  const [, width] = tokens.dims;
  if (width === undefined || tokens.dims.length !== 2) return tokens;
  return { data: tokens.data.subarray(0, width), dims: [width] };
}

/** Images one behind the other. */
export function batchOf(images: readonly PixelValues[]): PixelBatch {
  const [, height, width] = images[0]?.dims ?? [3, 0, 0];
  const length = 3 * height * width;
  const data = new Float32Array(images.length * length);
  images.forEach((image, position) => {
    data.set(image.data, position * length);
  });
  return { data, dims: [images.length, 3, height, width] };
}
