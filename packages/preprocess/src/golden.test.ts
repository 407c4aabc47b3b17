import { createHash } from 'node:crypto';
import { goldenPreprocessing } from '@webssl-tooling/fixtures';
import { afterAll, describe, expect, it } from 'vitest';
import { parseProcessorConfig } from './parse-processor-config.js';
import { createPreprocessor } from './preprocessor.js';
import { worker } from './testing/built-worker.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const { processors, cases } = goldenPreprocessing();

describe.each(Object.entries(processors))('golden cases of %s', (name, json) => {
  const preprocessor = createPreprocessor(parseProcessorConfig(json), { worker });
  afterAll(() => preprocessor.close());

  it.each(cases.filter(({ processor }) => processor === name))('$image', async (golden) => {
    const { pixelValues, rgb } = await preprocessor.process(golden.path, { rgb: true });
    expect(pixelValues.dims).toEqual(golden.shape);
    expect(sha256(rgb ?? new Uint8Array())).toBe(golden.rgb_sha256);
    expect(sha256(new Uint8Array(pixelValues.data.buffer))).toBe(golden.pixel_values_sha256);
  });
});
