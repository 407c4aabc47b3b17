import type { PixelImage } from '../resample/pixel-image.js';
import type { ImageFormat } from './image-format.js';
import type { Orientation } from './orientation.js';

/** What a file said about its pixels. */
export interface ImageOrigin {
  /** `raw` for pixels that the caller decoded. */
  readonly format: ImageFormat | 'raw';
  /** Size in the file, before any orientation. */
  readonly stored: { readonly width: number; readonly height: number };
  /** The EXIF orientation that the file records; 1 where it records none. */
  readonly recordedOrientation: Orientation;
}

/** Decoded pixels and what the file said about them. */
export interface DecodedImage extends PixelImage, ImageOrigin {
  /** The orientation that was applied to the pixels; 1 for none. */
  readonly orientation: Orientation;
}
