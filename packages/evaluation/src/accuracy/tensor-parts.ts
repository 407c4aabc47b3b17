import type { PixelBatch, Tensor } from '@webssl/backend';
import type { PixelValues } from '@webssl/preprocess';

/** What stands in for a tensor that is not there: of a shape that no tensor of features has, so comparing it shows that. */
export const noTensor: Tensor = { data: new Float32Array(), dims: [] };

/**
 * One image's part of a batch's tensor, without the batch dimension. Of a tensor that has no row for each image, or is not as
 * long as its dims say, everything comes back without dims: comparing it shows that its shape is wrong.
 */
export function rowOf({ data, dims }: Tensor, position: number, batch: number): Tensor {
  const [rows, ...rest] = dims;
  const length = rest.reduce((product, size) => product * size, 1);
  if (rows !== batch || data.length !== batch * length) return { data, dims: [] };
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
