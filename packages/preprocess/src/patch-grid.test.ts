import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Orientation } from './formats/orientation.js';
import { planGeometry } from './geometry.js';
import { parseProcessorConfig, withImageSize } from './parse-processor-config.js';
import { patchGrid } from './patch-grid.js';

const config = parseProcessorConfig({ image_processor_type: 'BitImageProcessor' });
const size = { width: 224, height: 224 };

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return WebsslError.isInstance(error) ? error.code : String(error);
  }
  return undefined;
}

describe('patchGrid', () => {
  it('lays 16 x 16 patches of 14 pixels behind the CLS token', () => {
    const grid = patchGrid({ size, patchSize: 14 });
    expect([grid.rows, grid.columns, grid.tokens]).toEqual([16, 16, 257]);
    expect(grid.patch(0)).toBeUndefined();
    expect(grid.patch(1)).toEqual({ row: 0, column: 0 });
    expect(grid.patch(18)).toEqual({ row: 1, column: 1 });
    expect(grid.token(15, 15)).toBe(256);
  });

  it('counts rows and columns of an input that is not square', () => {
    const grid = patchGrid({ size: { width: 308, height: 182 }, patchSize: 14 });
    expect([grid.rows, grid.columns, grid.tokens]).toEqual([13, 22, 287]);
    expect(grid.patch(23)).toEqual({ row: 1, column: 0 });
  });

  it('finds every token again from its patch', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        (rows, columns, any) => {
          const grid = patchGrid({ size: { width: columns * 14, height: rows * 14 }, patchSize: 14 });
          const token = 1 + (any % (rows * columns));
          const patch = grid.patch(token);
          expect(patch && grid.token(patch.row, patch.column)).toBe(token);
        },
      ),
    );
  });

  it('takes a patch back to the photograph: scaled and cropped', () => {
    // 448 x 224 is resized to itself (shorter side 224) and cropped by 112 left and right.
    const geometry = planGeometry({ width: 448, height: 224 }, 1, config);
    const grid = patchGrid({ size, patchSize: 14, geometry });
    expect(grid.box(0)).toBeUndefined();
    expect(grid.box(1)).toEqual({ left: 112, top: 0, right: 126, bottom: 14 });
    const twice = planGeometry({ width: 896, height: 448 }, 1, config);
    expect(patchGrid({ size, patchSize: 14, geometry: twice }).box(1)).toEqual({
      left: 224,
      top: 0,
      right: 252,
      bottom: 28,
    });
  });

  it('gives boxes outside the photograph where the input was padded', () => {
    const padding = { ...config, resize: { size: { shortestEdge: 160 }, filter: 'bicubic' as const } };
    const geometry = planGeometry({ width: 160, height: 160 }, 1, padding);
    expect(patchGrid({ size, patchSize: 14, geometry }).box(1)).toEqual({
      left: -32,
      top: -32,
      right: -18,
      bottom: -18,
    });
  });

  // The top left patch of the upright image, in an image stored as 448 x 224, by the meaning of each orientation.
  it.each<[Orientation, { left: number; top: number; right: number; bottom: number }]>([
    [1, { left: 112, top: 0, right: 126, bottom: 14 }],
    [2, { left: 322, top: 0, right: 336, bottom: 14 }],
    [3, { left: 322, top: 210, right: 336, bottom: 224 }],
    [4, { left: 112, top: 210, right: 126, bottom: 224 }],
    [5, { left: 112, top: 0, right: 126, bottom: 14 }],
    [6, { left: 112, top: 210, right: 126, bottom: 224 }],
    [7, { left: 322, top: 210, right: 336, bottom: 224 }],
    [8, { left: 322, top: 0, right: 336, bottom: 14 }],
  ])('undoes orientation %i', (orientation, expected) => {
    const geometry = planGeometry({ width: 448, height: 224 }, orientation, config);
    const grid = patchGrid({ size, patchSize: 14, geometry });
    expect(grid.box(1)).toEqual(expected);
    const upright = orientation < 5 ? { left: 112, top: 0 } : { left: 0, top: 112 };
    expect(grid.box(1, 'upright')).toMatchObject(upright);
  });

  it.each<[string, () => unknown]>([
    [
      'an input that is no multiple of the patch',
      () => patchGrid({ size: { width: 225, height: 224 }, patchSize: 14 }),
    ],
    ['a patch of no size', () => patchGrid({ size, patchSize: 0 })],
    ['a token too many', () => patchGrid({ size, patchSize: 14 }).patch(257)],
    ['a negative token', () => patchGrid({ size, patchSize: 14 }).patch(-1)],
    ['a row too many', () => patchGrid({ size, patchSize: 14 }).token(16, 0)],
    ['a column that is a fraction', () => patchGrid({ size, patchSize: 14 }).token(0, 0.5)],
    ['a box without geometry', () => patchGrid({ size, patchSize: 14 }).box(1)],
    [
      'the geometry of another input',
      () => {
        const geometry = planGeometry({ width: 9, height: 9 }, 1, withImageSize(config, 280));
        return patchGrid({ size, patchSize: 14, geometry });
      },
    ],
  ])('refuses %s', (_, run) => {
    expect(codeOf(run)).toBe('PATCH_GRID_INVALID');
  });
});

describe('planGeometry', () => {
  it('cuts off the quotient of the longer side, and crops the smaller half first', () => {
    const geometry = planGeometry({ width: 451, height: 300 }, 1, config);
    expect(geometry.resized).toEqual({ width: 336, height: 224 });
    const odd = planGeometry({ width: 640, height: 427 }, 1, config);
    expect(odd.resized).toEqual({ width: 335, height: 224 });
    expect(odd.offset).toEqual({ left: -55, top: 0 });
  });

  it('pads the larger half first', () => {
    const padding = { ...config, resize: { size: { height: 99, width: 101 }, filter: 'bicubic' as const } };
    expect(planGeometry({ width: 10, height: 10 }, 1, padding).offset).toEqual({ left: 62, top: 63 });
  });

  it('covers a height and width, whatever the shape of the image', () => {
    fc.assert(
      fc.property(fc.tuple(side(), side(), side(), side()), ([width, height, targetWidth, targetHeight]) => {
        const covering = withImageSize(config, { width: targetWidth, height: targetHeight });
        const { resized, input, offset } = planGeometry({ width, height }, 1, covering);
        expect(input).toEqual({ width: targetWidth, height: targetHeight });
        expect(resized.width === targetWidth || resized.height === targetHeight).toBe(true);
        expect(resized.width >= targetWidth && resized.height >= targetHeight).toBe(true);
        expect(offset.left <= 0 && offset.top <= 0).toBe(true);
      }),
    );
  });

  it('equals the shorter side for a square', () => {
    const image = { width: 333, height: 777 };
    const square = planGeometry(image, 1, withImageSize(config, { width: 280, height: 280 }));
    expect(square).toEqual(planGeometry(image, 1, withImageSize(config, 280)));
  });
});

function side() {
  return fc.integer({ min: 1, max: 3000 });
}
