import { WebsslError } from '@webssl/backend';
import { type Box, type BoxCoordinates, type ImageGeometry, type Size, toPhotograph } from './geometry.js';

/** What a patch grid is made of. */
export interface PatchGridOptions {
  /** The model's input in pixels; whole multiples of the patch. */
  readonly size: Size;
  /** Side of a patch in pixels, 14 or 16 for the Web-SSL models. */
  readonly patchSize: number;
  /** Tokens before the first patch: the CLS token. Default 1. */
  readonly prefixTokens?: number;
  /** How the photograph became the input; needed for {@link PatchGrid.box} alone. */
  readonly geometry?: ImageGeometry;
}

/** Which patch a token of the model's output stands for. Rows and columns count from 0, left to right, top to bottom. */
export interface PatchGrid {
  readonly rows: number;
  readonly columns: number;
  /** All tokens, the CLS token included. */
  readonly tokens: number;
  /** The token of a patch. */
  token(row: number, column: number): number;
  /** The patch of a token; undefined for the CLS token. */
  patch(token: number): { readonly row: number; readonly column: number } | undefined;
  /**
   * Where in the photograph the patch of a token comes from, in pixels of the file as it is stored, or upright with the
   * orientation that was applied. Where the input was padded a box lies outside the photograph. Undefined for CLS.
   */
  box(token: number, coordinates?: BoxCoordinates): Box | undefined;
}

/**
 * Lays the grid of patches over a model's input.
 *
 * @throws WebsslError PATCH_GRID_INVALID when the input is no multiple of the patch, and from its methods for a token
 *   or patch that does not exist
 */
export function patchGrid({ size, patchSize, prefixTokens = 1, geometry }: PatchGridOptions): PatchGrid {
  const rows = size.height / patchSize;
  const columns = size.width / patchSize;
  if (![rows, columns].every((count) => Number.isSafeInteger(count) && count > 0)) {
    throw invalid(`an input of ${size.width} x ${size.height} pixels has no whole patches of ${patchSize}`);
  }
  if (
    geometry !== undefined &&
    (geometry.input.width !== size.width || geometry.input.height !== size.height)
  ) {
    const { width, height } = geometry.input;
    throw invalid(
      `the image was prepared for ${width} x ${height} pixels, not ${size.width} x ${size.height}`,
    );
  }
  const tokens = prefixTokens + rows * columns;

  function token(row: number, column: number): number {
    const inside = Number.isInteger(row) && Number.isInteger(column) && row >= 0 && column >= 0;
    if (!inside || row >= rows || column >= columns) {
      throw invalid(`there is no patch at row ${row}, column ${column} of ${rows} x ${columns}`);
    }
    return prefixTokens + row * columns + column;
  }

  function patch(index: number): { row: number; column: number } | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= tokens) {
      throw invalid(`there is no token ${index}: there are ${tokens}`);
    }
    const position = index - prefixTokens;
    if (position < 0) return undefined;
    return { row: Math.floor(position / columns), column: position % columns };
  }

  function box(index: number, coordinates: BoxCoordinates = 'stored'): Box | undefined {
    if (geometry === undefined) throw invalid('boxes need the geometry of a preprocessed image');
    const at = patch(index);
    if (at === undefined) return undefined;
    const left = at.column * patchSize;
    const top = at.row * patchSize;
    const inInput = { left, top, right: left + patchSize, bottom: top + patchSize };
    return toPhotograph(geometry, inInput, coordinates);
  }

  return { rows, columns, tokens, token, patch, box };
}

function invalid(problem: string): WebsslError {
  return new WebsslError({
    code: 'PATCH_GRID_INVALID',
    message: `The patch grid cannot be used: ${problem}.`,
  });
}
