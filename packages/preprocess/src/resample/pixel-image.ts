/** Decoded pixels, 8 bits a sample, row by row without gaps. Of four channels the last one is not looked at. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  /** 1: gray. 3: red, green, blue. 4: red, green, blue and one more. */
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
}

/** Rows or columns, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Copies a rectangle into `target` as RGB, three bytes a pixel, rows `stride` bytes apart. */
export function copyAsRgb(
  image: PixelImage,
  rows: Span,
  columns: Span,
  target: Uint8Array,
  stride: number,
): void {
  const { data, width, channels } = image;
  const rowBytes = width * channels;
  if (channels === 3 && stride === rowBytes && columns.from === 0 && columns.to === width) {
    target.set(data.subarray(rows.from * rowBytes, rows.to * rowBytes));
    return;
  }
  for (let row = rows.from; row < rows.to; row += 1) {
    const from = row * rowBytes + columns.from * channels;
    const to = row * rowBytes + columns.to * channels;
    const start = (row - rows.from) * stride;
    if (channels === 3) target.set(data.subarray(from, to), start);
    else if (channels === 1) spreadGray(data, from, to, target, start);
    else dropFourth(data, from, to, target, start);
  }
}

function spreadGray(data: Uint8Array, from: number, to: number, target: Uint8Array, start: number): void {
  for (let index = from, out = start; index < to; index += 1, out += 3) {
    const value = data[index] ?? 0;
    target[out] = value;
    target[out + 1] = value;
    target[out + 2] = value;
  }
}

function dropFourth(data: Uint8Array, from: number, to: number, target: Uint8Array, start: number): void {
  for (let index = from, out = start; index < to; index += 4, out += 3) {
    target[out] = data[index] ?? 0;
    target[out + 1] = data[index + 1] ?? 0;
    target[out + 2] = data[index + 2] ?? 0;
  }
}
