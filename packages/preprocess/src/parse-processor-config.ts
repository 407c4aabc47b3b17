import { WebsslError } from '@webssl/backend';
import { z } from 'zod';
import type { ProcessorConfig, ResampleFilter } from './processor-config.js';

/** No model sees an image larger than this; a larger number is a mistake. */
const longestSide = 16_384;

const side = z.int().min(1).max(longestSide);
const heightAndWidth = z.object({ height: side, width: side });
const shortestEdge = z.strictObject({ shortest_edge: side }, 'is none of the sizes that are known');
const triple = z.union([
  z.tuple([z.number(), z.number(), z.number()]),
  z.number().transform((value): [number, number, number] => [value, value, value]),
]);

const fileSchema = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_convert_rgb: z.boolean().nullish(),
  do_resize: z.boolean().nullish(),
  size: z.union([side, heightAndWidth, shortestEdge]).nullish(),
  resample: z.int().min(0).max(5).nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: z.union([side, heightAndWidth]).nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: triple.nullish(),
  image_std: triple.nullish(),
});

type File = z.infer<typeof fileSchema>;

/** What an image processor does where its file says nothing (transformers, image_processing_bit.py and _vit.py). */
interface Defaults {
  readonly type: string;
  readonly convertRgb: boolean;
  /** Whether one number as a size means a square, and not the shorter side. */
  readonly square: boolean;
  readonly filter: number;
  readonly centerCrop: boolean;
  readonly mean: [number, number, number];
  readonly std: [number, number, number];
}

const defaultSide = 224;

const bit: Defaults = {
  type: 'BitImageProcessor',
  convertRgb: true,
  square: false,
  filter: 3,
  centerCrop: true,
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

const vit: Defaults = {
  type: 'ViTImageProcessor',
  convertRgb: false,
  square: true,
  filter: 2,
  centerCrop: false,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};

/** The reference's numbers of the filters. 0, nearest neighbour, is left out. */
const filterNames: Readonly<Record<number, ResampleFilter>> = {
  1: 'lanczos',
  2: 'bilinear',
  3: 'bicubic',
  4: 'box',
  5: 'hamming',
};

/**
 * Reads the content of a preprocessor_config.json of a BitImageProcessor or ViTImageProcessor, in any spelling of
 * these names (`...Fast`, `...Pil`, `ViTFeatureExtractor`), and fills in what the file leaves to the class.
 *
 * @throws WebsslError PROCESSOR_CONFIG_INVALID
 */
export function parseProcessorConfig(json: unknown): ProcessorConfig {
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error), parsed.error);
  const file = parsed.data;
  const defaults = defaultsOf(file);
  return {
    type: defaults.type,
    convertRgb: file.do_convert_rgb ?? defaults.convertRgb,
    ...resizeOf(file, defaults),
    ...centerCropOf(file, defaults),
    ...((file.do_rescale ?? true) ? { rescaleFactor: file.rescale_factor ?? 1 / 255 } : {}),
    ...normalizeOf(file, defaults),
  };
}

function defaultsOf({ image_processor_type, feature_extractor_type }: File): Defaults {
  const name = image_processor_type ?? feature_extractor_type;
  if (name === undefined) throw invalid('image_processor_type is missing');
  switch (name.replace(/(Fast|Pil)$/, '').replace(/FeatureExtractor$/, 'ImageProcessor')) {
    case 'BitImageProcessor':
      return bit;
    case 'ViTImageProcessor':
      return vit;
    default:
      throw invalid(
        `image_processor_type is "${name}": only BitImageProcessor and ViTImageProcessor are known`,
      );
  }
}

function resizeOf(file: File, defaults: Defaults): Pick<ProcessorConfig, 'resize'> {
  if (!(file.do_resize ?? true)) return {};
  const number = file.resample ?? defaults.filter;
  const filter = filterNames[number];
  if (filter === undefined) {
    throw invalid(`resample is ${number}, nearest neighbour, which is not supported: use 1, 2, 3, 4 or 5`);
  }
  const size = file.size ?? defaultSide;
  if (typeof size === 'number') {
    return {
      resize: { size: defaults.square ? { height: size, width: size } : { shortestEdge: size }, filter },
    };
  }
  const parsed = 'shortest_edge' in size ? { shortestEdge: size.shortest_edge } : size;
  return { resize: { size: parsed, filter } };
}

function centerCropOf(file: File, defaults: Defaults): Pick<ProcessorConfig, 'centerCrop'> {
  if (!(file.do_center_crop ?? defaults.centerCrop)) return {};
  const size = file.crop_size ?? defaultSide;
  return { centerCrop: typeof size === 'number' ? { height: size, width: size } : size };
}

function normalizeOf(file: File, defaults: Defaults): Pick<ProcessorConfig, 'normalize'> {
  if (!(file.do_normalize ?? true)) return {};
  const std = file.image_std ?? defaults.std;
  if (std.includes(0)) throw invalid('image_std has a zero, and the pixel values are divided by it');
  return { normalize: { mean: file.image_mean ?? defaults.mean, std } };
}

function invalid(problem: string, cause?: unknown): WebsslError {
  return new WebsslError({
    code: 'PROCESSOR_CONFIG_INVALID',
    message: `The image processor's configuration (preprocessor_config.json) cannot be used: ${problem}`,
    cause,
  });
}

/**
 * The same processing for another input size.
 *
 * A number takes the place of the shorter side (or of both sides, where the file squashes the image to a square) and
 * of the crop. A height and width resize the image to cover them, keeping its shape, and cut out the centre: with
 * `H * w >= W * h` for an image of w x h the new size is `trunc(H * w / h) x H`, else `W x trunc(W * h / w)`.
 *
 * @throws WebsslError PROCESSOR_CONFIG_INVALID when a side is not a whole number from 1 to 16384
 */
export function withImageSize(
  config: ProcessorConfig,
  size: number | { readonly height: number; readonly width: number },
): ProcessorConfig {
  const parsed = z.union([side, heightAndWidth]).safeParse(size);
  if (!parsed.success) throw invalid(`the image size ${z.prettifyError(parsed.error)}`, parsed.error);
  const filter = config.resize?.filter ?? 'bicubic';
  if (typeof parsed.data !== 'number') {
    return { ...config, resize: { size: { cover: parsed.data }, filter }, centerCrop: parsed.data };
  }
  const square = { height: parsed.data, width: parsed.data };
  const squashes = config.resize !== undefined && 'height' in config.resize.size;
  return squashes
    ? { ...config, resize: { size: square, filter }, ...(config.centerCrop ? { centerCrop: square } : {}) }
    : { ...config, resize: { size: { shortestEdge: parsed.data }, filter }, centerCrop: square };
}
