import { seenWindow } from './seen-window.js';
import type { ServerInfo } from './server-info.js';

/** Small inputs are drawn with twice their pixels, for screens that have more than one a point. */
const smallInput = 320;

/**
 * Draws the part of an image that the model sees, in the browser's own resampling: for the eye, not for figures.
 *
 * @returns whether this browser can show the image
 */
export async function drawSeenPicture(
  canvas: HTMLCanvasElement,
  file: Blob,
  { image }: ServerInfo,
): Promise<boolean> {
  const scale = image.size.width <= smallInput ? 2 : 1;
  canvas.width = image.size.width * scale;
  canvas.height = image.size.height * scale;
  const context = canvas.getContext('2d');
  const picture = await createImageBitmap(file, {
    imageOrientation: image.exif === 'apply' ? 'from-image' : 'none',
  }).catch(() => undefined);
  if (context === null || picture === undefined) return false;
  const { left, top, width, height } = seenWindow(picture, image.processor);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, left * scale, top * scale, width * scale, height * scale);
  picture.close();
  return true;
}

/** Fills a canvas with one pixel a patch. */
export function drawPatches(
  canvas: HTMLCanvasElement,
  pixels: Uint8ClampedArray<ArrayBuffer>,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): void {
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
}
