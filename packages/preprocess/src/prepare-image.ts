import { resizeFast } from './fast-resize.js';
import { decodeImage } from './formats/decode-image.js';
import type { DecodedImage, ImageOrigin } from './formats/decoded-image.js';
import type { ImageGeometry } from './geometry.js';
import { type PixelValues, pad, pixelValueTable, toPixelValues, visibleWindow } from './pixel-values.js';
import { planInput } from './plan-input.js';
import type { PreparationSettings } from './preparation-settings.js';
import { resample } from './resample/resample.js';

/** Where an image came from. */
export interface ImageSource {
  /** `raw` for pixels that the caller decoded. */
  readonly format: DecodedImage['format'];
  /** Size in the file, before any orientation. */
  readonly width: number;
  readonly height: number;
  /** The EXIF orientation that the file records, whether it was applied or not; 1 where it records none. */
  readonly orientation: DecodedImage['orientation'];
}

/** An image as the model sees it. */
export interface PreprocessedImage {
  readonly pixelValues: PixelValues;
  /** The same before rescaling and normalising: RGB, `[H, W, 3]`. Only where it was asked for. */
  readonly rgb?: Uint8Array<ArrayBuffer>;
  readonly source: ImageSource;
  /** The way back from the model's input to the photograph. */
  readonly geometry: ImageGeometry;
}

/** Turns images into pixel values, in the thread that calls it. */
export class ImagePreparer {
  readonly #settings: PreparationSettings;
  readonly #table: Float32Array;

  constructor(settings: PreparationSettings) {
    this.#settings = settings;
    this.#table = pixelValueTable(settings.config);
  }

  /** @throws WebsslError IMAGE_EMPTY, IMAGE_FORMAT_UNSUPPORTED, IMAGE_DAMAGED, IMAGE_TOO_LARGE */
  async fromBytes(bytes: Uint8Array, wantRgb: boolean): Promise<PreprocessedImage> {
    const { limits, exif, resize } = this.#settings;
    if (resize === 'fast') {
      const fast = await resizeFast(bytes, this.#settings);
      return this.#finish(fast.visible, fast.origin, fast.geometry, wantRgb);
    }
    return this.fromPixels(await decodeImage(bytes, limits, exif), wantRgb);
  }

  /** Always resizes the exact way. @throws WebsslError IMAGE_TOO_LARGE */
  async fromPixels(decoded: DecodedImage, wantRgb: boolean): Promise<PreprocessedImage> {
    const geometry = planInput(decoded.stored, decoded.orientation, this.#settings);
    const filter = this.#settings.config.resize?.filter ?? 'bicubic';
    const visible = resample(decoded, geometry.resized, visibleWindow(geometry), filter);
    return this.#finish(visible, decoded, geometry, wantRgb);
  }

  #finish(
    visible: Uint8Array<ArrayBuffer>,
    { format, stored, recordedOrientation }: ImageOrigin,
    geometry: ImageGeometry,
    wantRgb: boolean,
  ): PreprocessedImage {
    const rgb = pad(visible, visibleWindow(geometry), geometry);
    return {
      pixelValues: toPixelValues(rgb, geometry.input, this.#table),
      ...(wantRgb ? { rgb } : {}),
      source: { format, ...stored, orientation: recordedOrientation },
      geometry,
    };
  }
}
