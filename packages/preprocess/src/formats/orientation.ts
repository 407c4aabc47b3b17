/** EXIF orientation: 1 upright, 2 mirrored, 3 half turn, 4 flipped, 5 transposed, 6 quarter turn clockwise to be upright, 7 transversed, 8 counter-clockwise. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export function isOrientation(value: number | undefined): value is Orientation {
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= 8;
}

/** Whether width and height change places. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}
