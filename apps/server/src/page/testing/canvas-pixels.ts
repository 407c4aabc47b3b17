import type { Locator } from 'playwright-core';

/** Pixels of a canvas of at most some thousand: RGBA of each, row by row. */
export function canvasPixels(canvas: Locator): Promise<number[][]> {
  return canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error('This is no canvas');
    const { width, height } = element;
    // Read from a copy: the browser complains of canvases that are drawn for the screen and read.
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy?.drawImage(element, 0, 0);
    const data = [...(copy?.getImageData(0, 0, width, height).data ?? [])];
    return Array.from({ length: width * height }, (_, pixel) => data.slice(pixel * 4, pixel * 4 + 4));
  });
}

/** The colours that occur in a canvas, as `red,green,blue,alpha`, each once. */
export function canvasColours(canvas: Locator): Promise<string[]> {
  return canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error('This is no canvas');
    const { width, height } = element;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy?.drawImage(element, 0, 0);
    const data = copy?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
    const colours = new Set<string>();
    for (let index = 0; index < data.length; index += 4) {
      colours.add(data.subarray(index, index + 4).join(','));
    }
    return [...colours];
  });
}
