import type { PatchGrid } from './part-plan.js';

/** The cubic convolution coefficient that PyTorch uses (OpenCV's; Keys 1981 has -0.5). */
const sharpness = -0.75;

/**
 * Position embeddings for a grid of patches other than the one they were trained on, as the reference computes them:
 * `torch.nn.functional.interpolate(mode="bicubic", align_corners=False)` without antialiasing, in float32, on the patch rows;
 * the CLS row stays as it is.
 * @param table float32 `[1 + side * side, width]`, row 0 belonging to CLS.
 * @returns float32 `[1 + rows * columns, width]`.
 */
export function interpolatePositions(table: Float32Array, width: number, grid: PatchGrid): Float32Array {
  const side = Math.sqrt(table.length / width - 1);
  const horizontal = cubicTaps(side, grid.columns);
  const vertical = cubicTaps(side, grid.rows);
  const result = new Float32Array((1 + grid.rows * grid.columns) * width);
  result.set(table.subarray(0, width));

  // Columns first, for every row of the table; float32 storage gives the reference's rounding between the two passes.
  const stretched = new Float32Array(side * grid.columns * width);
  for (let row = 0; row < side; row++) {
    blend(table.subarray((1 + row * side) * width), width, horizontal, {
      target: stretched.subarray(row * grid.columns * width),
      stride: width,
    });
  }
  blend(stretched, grid.columns * width, vertical, {
    target: result.subarray(width),
    stride: grid.columns * width,
  });
  return result;
}

/** For every place of the output four source places and their weights. */
interface Taps {
  readonly places: readonly (readonly [number, number, number, number])[];
  readonly weights: readonly (readonly [number, number, number, number])[];
}

function cubicTaps(from: number, to: number): Taps {
  const { fround } = Math;
  const scale = fround(from / to);
  const clamp = (place: number) => Math.min(Math.max(place, 0), from - 1);
  const places: [number, number, number, number][] = [];
  const weights: [number, number, number, number][] = [];
  for (let index = 0; index < to; index++) {
    const source = fround(fround(scale * (index + 0.5)) - 0.5);
    const floor = Math.floor(source);
    const part = fround(source - floor);
    places.push([clamp(floor - 1), clamp(floor), clamp(floor + 1), clamp(floor + 2)]);
    weights.push([
      fround(farWeight(part + 1)),
      fround(nearWeight(part)),
      fround(nearWeight(1 - part)),
      fround(farWeight(2 - part)),
    ]);
  }
  return { places, weights };
}

/** Weight of a neighbour at a distance of up to 1. */
function nearWeight(distance: number): number {
  return ((sharpness + 2) * distance - (sharpness + 3)) * distance * distance + 1;
}

/** Weight of a neighbour at a distance of 1 to 2. */
function farWeight(distance: number): number {
  return ((sharpness * distance - 5 * sharpness) * distance + 8 * sharpness) * distance - 4 * sharpness;
}

/** Writes for every output place the weighted sum of four runs of `length` numbers of `source`. */
function blend(
  source: Float32Array,
  length: number,
  { places, weights }: Taps,
  { target, stride }: { target: Float32Array; stride: number },
): void {
  places.forEach(([a, b, c, d], index) => {
    const [weightA = 0, weightB = 0, weightC = 0, weightD = 0] = weights[index] ?? [];
    for (let element = 0; element < length; element++) {
      target[index * stride + element] =
        weightA * (source[a * length + element] ?? 0) +
        weightB * (source[b * length + element] ?? 0) +
        weightC * (source[c * length + element] ?? 0) +
        weightD * (source[d * length + element] ?? 0);
    }
  });
}
