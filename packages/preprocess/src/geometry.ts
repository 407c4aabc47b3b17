import { type Orientation, swapsSides } from './formats/orientation.js';
import type { ProcessorConfig } from './processor-config.js';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle: its edges, in pixels from the top left corner. Edges may be fractions, and may lie outside. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How a photograph became the model's input, step by step: what is needed to go back. */
export interface ImageGeometry {
  /** The photograph as its file stores it. */
  readonly stored: Size;
  /** The EXIF orientation that was applied first; 1 for none. */
  readonly orientation: Orientation;
  /** The photograph after that: `stored` with its sides swapped for orientations 5 to 8. */
  readonly upright: Size;
  /** After resizing. */
  readonly resized: Size;
  /** Where the resized image's corner lies in the input: negative where it was cropped, positive where padded. */
  readonly offset: { readonly left: number; readonly top: number };
  /** What the model sees. */
  readonly input: Size;
}

/** Plans resizing and cropping as the reference's image processors do (models: BitImageProcessor, ViTImageProcessor). */
export function planGeometry(stored: Size, orientation: Orientation, config: ProcessorConfig): ImageGeometry {
  const upright = swapsSides(orientation) ? { width: stored.height, height: stored.width } : stored;
  const resized = config.resize === undefined ? upright : resizedSize(upright, config.resize.size);
  const input = config.centerCrop ?? resized;
  return {
    stored,
    orientation,
    upright,
    resized,
    offset: {
      left: cropOffset(resized.width, input.width),
      top: cropOffset(resized.height, input.height),
    },
    input: { width: input.width, height: input.height },
  };
}

/** The size that an image is resized to. Quotients are cut off, not rounded, as the reference does. */
function resizedSize({ width, height }: Size, size: NonNullable<ProcessorConfig['resize']>['size']): Size {
  if ('shortestEdge' in size) return covering(width, height, size.shortestEdge, size.shortestEdge);
  if ('cover' in size) return covering(width, height, size.cover.width, size.cover.height);
  return { width: size.width, height: size.height };
}

/** The smallest size of this shape that covers the target: one side equals the target's, the other is no shorter. */
function covering(width: number, height: number, targetWidth: number, targetHeight: number): Size {
  return targetWidth * height >= targetHeight * width
    ? { width: targetWidth, height: Math.trunc((targetWidth * height) / width) }
    : { width: Math.trunc((targetHeight * width) / height), height: targetHeight };
}

/** What is too much is cut off, the smaller half first; what is missing is padded, the larger half first. */
function cropOffset(size: number, target: number): number {
  return size >= target ? 0 - Math.floor((size - target) / 2) : Math.ceil((target - size) / 2);
}

/** Whose pixels a box counts: those that the file stores, or those after the orientation was applied. */
export type BoxCoordinates = 'stored' | 'upright';

/** Takes a box of the model's input back to the photograph. Parts beyond the photograph's edges are padding. */
export function toPhotograph(geometry: ImageGeometry, box: Box, coordinates: BoxCoordinates): Box {
  const { offset, resized, upright, stored, orientation } = geometry;
  const horizontal = upright.width / resized.width;
  const vertical = upright.height / resized.height;
  const inUpright = {
    left: (box.left - offset.left) * horizontal,
    top: (box.top - offset.top) * vertical,
    right: (box.right - offset.left) * horizontal,
    bottom: (box.bottom - offset.top) * vertical,
  };
  return coordinates === 'upright' ? inUpright : undoOrientation(inUpright, orientation, stored);
}

/** The same box before the orientation was applied (EXIF 2.3, tag Orientation). */
function undoOrientation(box: Box, orientation: Orientation, { width, height }: Size): Box {
  const { left, top, right, bottom } = box;
  switch (orientation) {
    case 1:
      return box;
    case 2:
      return { left: width - right, top, right: width - left, bottom };
    case 3:
      return { left: width - right, top: height - bottom, right: width - left, bottom: height - top };
    case 4:
      return { left, top: height - bottom, right, bottom: height - top };
    case 5:
      return { left: top, top: left, right: bottom, bottom: right };
    case 6:
      return { left: top, top: height - right, right: bottom, bottom: height - left };
    case 7:
      return { left: width - bottom, top: height - right, right: width - top, bottom: height - left };
    case 8:
      return { left: width - bottom, top: left, right: width - top, bottom: right };
  }
}
