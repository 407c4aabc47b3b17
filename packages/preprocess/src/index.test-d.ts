import { createReadStream } from 'node:fs';
import { describe, expectTypeOf, it } from 'vitest';
import type { Box, ImageGeometry, PreprocessedImage, Preprocessor, ProcessorConfig } from './index.js';
import { createPreprocessor, parseProcessorConfig, patchGrid, withImageSize } from './index.js';

declare const config: ProcessorConfig;
declare const preprocessor: Preprocessor;
declare const geometry: ImageGeometry;

describe('public types', () => {
  it('a preprocessor takes every kind of image and gives pixel values', () => {
    expectTypeOf(createPreprocessor).returns.toEqualTypeOf<Preprocessor>();
    expectTypeOf(preprocessor.process).returns.resolves.toEqualTypeOf<PreprocessedImage>();
    expectTypeOf(preprocessor.process).toBeCallableWith('photo.jpg', { rgb: true });
    expectTypeOf(preprocessor.process).toBeCallableWith(new URL('file:///photo.jpg'));
    expectTypeOf(preprocessor.process).toBeCallableWith(Buffer.from(''));
    expectTypeOf(preprocessor.process).toBeCallableWith(createReadStream('photo.jpg'));
    expectTypeOf(preprocessor.process).toBeCallableWith({
      data: new Uint8Array(3),
      width: 1,
      height: 1,
      channels: 3,
    });
    // @ts-expect-error two channels are no image
    void preprocessor.process({ data: new Uint8Array(2), width: 1, height: 1, channels: 2 });
    // @ts-expect-error a number is no image
    void preprocessor.process(1);
  });

  it('pixel values know their shape, and the crop may be missing', () => {
    expectTypeOf<PreprocessedImage['pixelValues']['dims']>().toEqualTypeOf<readonly [3, number, number]>();
    expectTypeOf<PreprocessedImage['rgb']>().toEqualTypeOf<Uint8Array<ArrayBuffer> | undefined>();
  });

  it('options are closed sets', () => {
    expectTypeOf(createPreprocessor).toBeCallableWith(config, { exif: 'apply', limits: { pixels: 1e6 } });
    // @ts-expect-error no such way
    createPreprocessor(config, { resize: 'nearest' });
  });

  it('a configuration comes from anything and keeps its type when it is resized', () => {
    expectTypeOf(parseProcessorConfig).parameter(0).toBeUnknown();
    expectTypeOf(withImageSize).returns.toEqualTypeOf<ProcessorConfig>();
    expectTypeOf(withImageSize).toBeCallableWith(config, { height: 14, width: 28 });
  });

  it('the CLS token has no box', () => {
    const grid = patchGrid({ size: { width: 14, height: 14 }, patchSize: 14, geometry });
    expectTypeOf(grid.box(0)).toEqualTypeOf<Box | undefined>();
  });
});
