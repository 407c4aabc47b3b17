import type { ImageDifference } from '../../accuracy/accuracy-options.js';
import { pseudoRandom } from './pseudo-random.js';

/** A square photograph of a hill under the sky, drawn. */
function landscape(size: number, seed: number): Uint8Array {
  const random = pseudoRandom(seed);
  const ridge = Array.from(
    { length: size },
    (_, x) => size * (0.5 + 0.12 * Math.sin(x / 23 + seed) + 0.05 * Math.sin(x / 7)),
  );
  return Uint8Array.from({ length: size * size * 3 }, (_, position) => {
    const channel = position % 3;
    const x = Math.floor(position / 3) % size;
    const y = Math.floor(position / 3 / size);
    const isSky = y < (ridge[x] ?? 0);
    const colour = isSky ? ([120, 170, 230][channel] ?? 0) + y / 4 : ([70, 110, 45][channel] ?? 0) - y / 8;
    return Math.max(0, Math.min(255, colour + 24 * (random() - 0.5)));
  });
}

/** An image whose error is largest around one patch. */
export function imageDifference(index: number, image: string, scale = 0.004): ImageDifference {
  const [rows, columns] = [16, 16];
  const random = pseudoRandom(index + 3);
  const [centreRow, centreColumn] = [3 + 5 * random(), 4 + 9 * random()];
  return {
    index,
    image,
    rgb: landscape(224, index + 1),
    height: 224,
    width: 224,
    rows,
    columns,
    patchErrors: Float64Array.from({ length: rows * columns }, (_, patch) => {
      const [row, column] = [Math.floor(patch / columns), patch % columns];
      const distance = Math.hypot(row - centreRow, column - centreColumn);
      return scale * (Math.exp((-distance * distance) / 18) + 0.08 + 0.08 * random());
    }),
  };
}
