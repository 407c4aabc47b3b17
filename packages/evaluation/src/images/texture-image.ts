import { seededIntegers } from './seeded-integers.js';

type Color = readonly [red: number, green: number, blue: number];
interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const paper: Color = [240, 236, 228];
const ink: Color = [24, 20, 32];
const rectangles: readonly (Area & { readonly color: Color })[] = [
  { left: 330, top: 50, width: 170, height: 40, color: [200, 30, 40] },
  { left: 350, top: 70, width: 30, height: 110, color: [20, 110, 60] },
  { left: 400, top: 60, width: 90, height: 100, color: [30, 60, 190] },
  { left: 420, top: 85, width: 60, height: 9, color: [250, 210, 0] },
  { left: 480, top: 130, width: 3, height: 60, color: [0, 0, 0] },
];

/**
 * Paints edges and texture: checkerboards of squares from 1 to 32 pixels, rectangles, a disc, rows of strokes like text, and
 * noise behind it all.
 *
 * @param data RGB, `[height, width, 3]`; at least 530 x 440 pixels
 */
export function paintTexture(data: Uint8Array, width: number): void {
  const draw = (x: number, y: number, color: Color) => data.set(color, (y * width + x) * 3);
  const random = seededIntegers(20250401);
  for (let at = 0; at < data.length; at++) data[at] = 96 + random(64);

  for (const [strip, side] of [1, 2, 4, 8, 16, 32].entries()) {
    const area = { left: 120, top: 40 + strip * 32, width: 192, height: 32 };
    fill(area, (x, y) => draw(x, y, (Math.floor(x / side) + Math.floor(y / side)) % 2 === 0 ? paper : ink));
  }
  for (const { color, ...area } of rectangles) fill(area, (x, y) => draw(x, y, color));
  fill({ left: 150, top: 260, width: 160, height: 160 }, (x, y) => {
    const distance = (x - 230) ** 2 + (y - 340) ** 2;
    if (distance <= 76 ** 2) draw(x, y, distance <= 30 ** 2 ? [250, 120, 10] : [90, 30, 130]);
  });
  writeStrokes({ left: 330, top: 210, width: 190, height: 230 }, draw, random);
}

/** Rows of signs, each of 5 x 7 dots of 2 pixels, with a space now and then. */
function writeStrokes(
  page: Area,
  draw: (x: number, y: number, color: Color) => void,
  random: (below: number) => number,
): void {
  fill(page, (x, y) => draw(x, y, paper));
  for (let top = page.top + 8; top + 14 < page.top + page.height; top += 20) {
    for (let left = page.left + 8; left + 10 < page.left + page.width; left += 12) {
      if (random(6) === 0) continue;
      for (let dot = 0; dot < 35; dot++) {
        if (random(2) === 0) continue;
        const area = { left: left + (dot % 5) * 2, top: top + Math.floor(dot / 5) * 2, width: 2, height: 2 };
        fill(area, (x, y) => draw(x, y, ink));
      }
    }
  }
}

function fill({ left, top, width, height }: Area, visit: (x: number, y: number) => void): void {
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) visit(x, y);
  }
}
