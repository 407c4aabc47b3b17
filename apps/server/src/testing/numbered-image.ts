/**
 * A small picture that no other number has, as an uncompressed BMP: 54 bytes of head and three a pixel.
 *
 * @param side pixels; a multiple of 4 has no padding
 */
export function numberedImage(number: number, side = 16): Buffer {
  const head = Buffer.alloc(54);
  const pixels = Buffer.alloc(side * side * 3);
  head.write('BM', 0, 'latin1');
  head.writeUInt32LE(head.length + pixels.length, 2);
  head.writeUInt32LE(head.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(side, 18);
  head.writeInt32LE(side, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  head.writeUInt32LE(pixels.length, 34);
  let state = number + 1;
  for (let at = 0; at < pixels.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[at] = state >>> 24;
  }
  return Buffer.concat([head, pixels]);
}
