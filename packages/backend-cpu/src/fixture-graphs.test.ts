import type { OutputName } from '@webssl/backend';
import { expectedTensor, fixtureModel, fixtureParts, fixturePixels } from '@webssl/backend/testkit';
import { nmse } from '@webssl/metrics';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { runtimeOptions } from './runtime-options.js';

it.each(fixtureParts)(
  'the graph $file of the testkit gives what its float64 forward pass gives',
  async (part) => {
    const images =
      part.batch === 'symbolic' ? [0, 1, 2] : Array.from({ length: part.batch }, (_, index) => index);
    const [from] = part.layers;
    const fed = from === 0 ? fixturePixels(images) : expectedTensor(images, `hidden_states.${from}`);
    const { bytes, folder, input } = await fixtureModel().onnx(part);
    const session = await InferenceSession.create(bytes, runtimeOptions(folder, 1, 'coldStart'));

    const results = await session.run({ [input]: new Tensor('float32', fed.data, [...fed.dims]) });

    expect(Object.keys(results).sort()).toEqual([...part.outputs].sort());
    for (const [output, { data, dims }] of Object.entries(results)) {
      const expected = expectedTensor(images, output as OutputName, part.tokens);
      expect(dims).toEqual(expected.dims);
      expect(nmse(data as Float32Array, expected.data), output).toBeLessThanOrEqual(1e-10);
    }
    await session.release();
  },
);
