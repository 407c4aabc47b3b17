/** 256 colours, red, green, blue. */
export type Palette = Uint8Array;

/** Every index is its own gray. */
export function grayPalette(): Palette {
  return Uint8Array.from({ length: 768 }, (_, index) => Math.floor(index / 3));
}

/**
 * A palette of entries of three or four bytes, up to 256 of them; colours that the file leaves out are black.
 *
 * @param order positions of red, green and blue within an entry
 */
export function readPalette(
  bytes: Uint8Array,
  entryBytes: 3 | 4,
  order: readonly [number, number, number] = [0, 1, 2],
): Palette {
  const palette = new Uint8Array(768);
  const entries = Math.min(Math.floor(bytes.length / entryBytes), 256);
  for (let entry = 0; entry < entries; entry += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      palette[entry * 3 + channel] = bytes[entry * entryBytes + (order[channel] ?? 0)] ?? 0;
    }
  }
  return palette;
}

/**
 * A colour table of a GIF, or undefined where every entry is its own gray: Pillow reads such a table as no table at
 * all, and so gives a frame whose own table is one the table of the whole file.
 */
export function readColourTable(bytes: Uint8Array): Palette | undefined {
  return bytes.every((value, index) => value === Math.floor(index / 3)) ? undefined : readPalette(bytes, 3);
}

/** The colours of indices, red, green, blue. */
export function throughPalette(indices: Uint8Array, palette: Palette): Uint8Array {
  const data = new Uint8Array(indices.length * 3);
  for (let index = 0, out = 0; index < indices.length; index += 1, out += 3) {
    const entry = (indices[index] ?? 0) * 3;
    data[out] = palette[entry] ?? 0;
    data[out + 1] = palette[entry + 1] ?? 0;
    data[out + 2] = palette[entry + 2] ?? 0;
  }
  return data;
}
