import type { SeenProcessing, Size } from './server-info.js';

/** How an image becomes the model's input: drawn at this place and size on a canvas of the input's size. */
export interface SeenWindow {
  readonly input: Size;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where the model sees an image: resized, then cropped or padded around its middle. */
export function seenWindow(image: Size, { resize, centerCrop }: SeenProcessing): SeenWindow {
  const resized = resize === undefined ? image : resizedTo(image, resize.size);
  const input = centerCrop ?? resized;
  return {
    input: { width: input.width, height: input.height },
    left: offset(resized.width, input.width),
    top: offset(resized.height, input.height),
    ...resized,
  };
}

function resizedTo(image: Size, size: NonNullable<SeenProcessing['resize']>['size']): Size {
  if ('shortestEdge' in size) return covering(image, { width: size.shortestEdge, height: size.shortestEdge });
  if ('cover' in size) return covering(image, size.cover);
  return { width: size.width, height: size.height };
}

/** Quotients are cut off, not rounded, as the reference does. */
function covering(image: Size, target: Size): Size {
  return target.width * image.height >= target.height * image.width
    ? { width: target.width, height: Math.trunc((target.width * image.height) / image.width) }
    : { width: Math.trunc((target.height * image.width) / image.height), height: target.height };
}

/** The smaller half of what is too much is cut off first; of what is missing, the larger half is padded first. */
function offset(size: number, target: number): number {
  return Math.ceil((target - size) / 2) + 0;
}
