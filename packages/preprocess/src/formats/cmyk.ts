/**
 * Cyan, magenta, yellow and black to red, green, blue, without a colour profile: Pillow's `cmyk2rgb`
 * (libImaging/Convert.c), `c' = clip(n - c * n / 255)` with `n = 255 - k` and the division rounded.
 *
 * @param channels samples a pixel, the first four of which are looked at
 */
export function cmykToRgb(data: Uint8Array, channels: number): Uint8Array {
  const pixels = Math.floor(data.length / channels);
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let pixel = 0, from = 0, out = 0; pixel < pixels; pixel += 1, from += channels, out += 3) {
    const light = 255 - (data[from + 3] ?? 0);
    rgb[out] = light - scale(data[from] ?? 0, light);
    rgb[out + 1] = light - scale(data[from + 1] ?? 0, light);
    rgb[out + 2] = light - scale(data[from + 2] ?? 0, light);
  }
  return new Uint8Array(rgb.buffer);
}

/** `a * b / 255`, rounded, as Pillow's MULDIV255. */
function scale(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
