/** Pieces in which pixels are copied, and the smallest that is worth a copy of its own, in values. */
const mostPieces = 8;
const smallestPiece = 64 * 1024;
/** Asynchronous copies begin at multiples of 64 bytes: 16 values. */
const alignment = 16;

/** Values `from` (included) to `to` (excluded). */
export interface CopyPiece {
  readonly from: number;
  readonly to: number;
}

/** The pieces in which so many float32 values are copied to a device. */
export function copyPieces(length: number): readonly CopyPiece[] {
  const size = Math.max(smallestPiece, Math.ceil(length / mostPieces / alignment) * alignment);
  return Array.from({ length: Math.ceil(length / size) }, (_, piece) => ({
    from: piece * size,
    to: Math.min(length, (piece + 1) * size),
  }));
}
