import { damaged } from '../image-error.js';

const tableSize = 4096;

/**
 * Undoes GIF's variable-width LZW (GIF89a specification, appendix F).
 *
 * @param codeBits the minimum code size, from the file
 * @param length how many pixels there must be; more are not looked at
 * @throws WebsslError IMAGE_DAMAGED when there are fewer, or a code that cannot be
 */
export function decodeLzw(data: Uint8Array, codeBits: number, length: number): Uint8Array {
  if (codeBits < 1 || codeBits > 8) throw damaged('GIF', `its code size is ${codeBits}`);
  const clear = 1 << codeBits;
  const end = clear + 1;
  /** A table entry is the string of another code and one more byte. */
  const prefix = new Uint16Array(tableSize);
  const suffix = new Uint8Array(tableSize);
  const size = new Uint16Array(tableSize);
  const firstByte = new Uint8Array(tableSize);
  for (let code = 0; code < clear; code += 1) {
    suffix[code] = code;
    firstByte[code] = code;
    size[code] = 1;
  }
  const pixels = new Uint8Array(length);
  let written = 0;
  let free = end + 1;
  let width = codeBits + 1;
  let previous: number | undefined;
  let held = 0;
  let heldBits = 0;
  let next = 0;
  while (written < length) {
    while (heldBits < width) {
      if (next >= data.length) throw damaged('GIF', `it has ${written} of ${length} pixels`);
      held |= (data[next] ?? 0) << heldBits;
      heldBits += 8;
      next += 1;
    }
    const code = held & ((1 << width) - 1);
    held >>>= width;
    heldBits -= width;
    if (code === clear) {
      free = end + 1;
      width = codeBits + 1;
      previous = undefined;
      continue;
    }
    if (code === end) throw damaged('GIF', `it has ${written} of ${length} pixels`);
    const known = code < free && (previous !== undefined || code < clear);
    if (!known && (code !== free || previous === undefined || free === tableSize)) {
      throw damaged('GIF', `its pixels hold an unknown code, ${code}`);
    }
    if (previous !== undefined && free < tableSize) {
      prefix[free] = previous;
      suffix[free] = firstByte[known ? code : previous] ?? 0;
      firstByte[free] = firstByte[previous] ?? 0;
      size[free] = (size[previous] ?? 0) + 1;
      free += 1;
      if (free === 1 << width && width < 12) width += 1;
    }
    const count = size[code] ?? 0;
    for (let position = written + count - 1, at = code; position >= written; position -= 1) {
      if (position < length) pixels[position] = suffix[at] ?? 0;
      at = prefix[at] ?? 0;
    }
    written += count;
    previous = code;
  }
  return pixels;
}
