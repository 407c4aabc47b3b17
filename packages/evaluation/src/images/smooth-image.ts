/**
 * Paints gradients and slow waves; neighbours differ by a few of 255 steps at most.
 *
 * @param data RGB, `[height, width, 3]`
 */
export function paintSmooth(data: Uint8Array, width: number, height: number): void {
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const alongX = Math.floor((x * 150) / width);
      const alongY = Math.floor((y * 150) / height);
      data[at++] = 50 + alongX + wave(y, 320, 40);
      data[at++] = 50 + alongY + wave(x, 448, 40);
      data[at++] = 128 + wave(x + y, 512, 60) + wave(x - y + height, 384, 40);
    }
  }
}

/**
 * A wave of parabolas, -`height` to `height`: as smooth as a sine to the eye, and unlike `Math.sin` the same everywhere.
 *
 * @param period even
 */
function wave(position: number, period: number, height: number): number {
  const half = period / 2;
  const along = position % half;
  const arch = Math.floor((4 * height * along * (half - along)) / (half * half));
  return position % period < half ? arch : -arch;
}
