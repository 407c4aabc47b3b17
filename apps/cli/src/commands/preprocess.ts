import { extname } from 'node:path';
import { type ImageSize, WebsslError } from '@webssl/backend';
import { type HubOptions, hubOptions, PullReporter, type Terminal } from '@webssl/command-line';
import { createPreprocessor, type PreprocessedImage, withImageSize } from '@webssl/preprocess';
import { readProcessorConfig } from '@webssl/registry';
import { writeOutputFile, writeSafetensors } from '@webssl/tensor-files';
import { exitCode } from '../exit-code.js';

export interface PreprocessOptions extends HubOptions {
  readonly model: string;
  readonly imageSize?: number | ImageSize;
  readonly exif: 'ignore' | 'apply';
  readonly resize: 'exact' | 'fast';
  readonly out: string;
}

/** `webssl preprocess`: what the model sees of an image, as pixel values or as a picture. */
export async function preprocess(
  image: string,
  { model, imageSize, exif, resize, out, ...place }: PreprocessOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const write = writers[extname(out)];
  if (write === undefined) {
    throw new WebsslError({
      code: 'OUTPUT_FORMAT_UNKNOWN',
      message: `${out} must end in .safetensors (pixel values) or .png (the resized crop).`,
    });
  }
  const reporter = new PullReporter(terminal);
  const own = await readProcessorConfig(model, {
    ...hubOptions(place),
    signal,
    onPull: reporter.report,
  }).finally(() => reporter.stop());
  const processor = imageSize === undefined ? own : withImageSize(own, imageSize);
  const preprocessor = createPreprocessor(processor, { exif, resize });
  try {
    const result = await preprocessor.process(image, { signal, rgb: true });
    await write(out, result, {
      image,
      model,
      processing: JSON.stringify({ ...processor, exif, resizeMode: resize }),
    });
    terminal.result(`${image} -> ${out}: pixel_values [${result.pixelValues.dims.join(', ')}]`);
    return exitCode.success;
  } finally {
    await preprocessor.close();
  }
}

type Write = (path: string, image: PreprocessedImage, metadata: Record<string, string>) => Promise<void>;

const writers: Readonly<Record<string, Write>> = {
  '.safetensors': (path, { pixelValues }, metadata) =>
    writeSafetensors(path, { pixel_values: pixelValues }, metadata),
  '.png': async (path, { rgb, pixelValues: { dims } }) => {
    if (rgb === undefined) throw new Error('the preprocessor gave no picture');
    const { default: sharp } = await import('sharp');
    const [, height, width] = dims;
    await writeOutputFile(
      path,
      await sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
  },
};
