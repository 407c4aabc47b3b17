import type { ImageDifference } from '../../accuracy/accuracy-options.js';

/** What the errors of an image's patches come to. */
export interface PatchStatistics {
  /** The largest finite error and where it is, counted from 0; absent when no patch has one. */
  readonly worst?: { readonly error: number; readonly row: number; readonly column: number };
  /** Of the finite errors; NaN when there is none. */
  readonly median: number;
  readonly notFinite: number;
  /** Every patch has error 0. */
  readonly isIdentical: boolean;
}

export function patchStatistics({ patchErrors, columns }: ImageDifference): PatchStatistics {
  const finite = patchErrors.filter(Number.isFinite).sort();
  const middle = finite.length >> 1;
  const [lower, upper] = [finite[finite.length % 2 === 1 ? middle : middle - 1], finite[middle]];
  const error = finite.at(-1);
  const place = error === undefined ? -1 : patchErrors.indexOf(error);
  return {
    ...(error === undefined
      ? {}
      : { worst: { error, row: Math.floor(place / columns), column: place % columns } }),
    median: ((lower ?? Number.NaN) + (upper ?? Number.NaN)) / 2,
    notFinite: patchErrors.length - finite.length,
    isIdentical: patchErrors.length > 0 && patchErrors.every((value) => value === 0),
  };
}

/** Worst image first: those with patches that are not finite, then by the largest error. */
export function worstImagesFirst(images: readonly ImageDifference[]): ImageDifference[] {
  const rank = images.map((image) => ({ image, ...patchStatistics(image) }));
  return rank
    .sort((a, b) => b.notFinite - a.notFinite || (b.worst?.error ?? 0) - (a.worst?.error ?? 0))
    .map(({ image }) => image);
}
