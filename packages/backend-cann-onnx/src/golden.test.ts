import type { Backend, BackendSession, OutputName } from '@webssl/backend';
import { cannOnnx } from '@webssl/backend-cann-onnx';
import { cpu } from '@webssl/backend-cpu';
import { createModelSource } from '@webssl/graph';
import { nmse } from '@webssl/metrics';
import { openCheckpoint } from '@webssl/registry';
import { openTensorIndex, readTensor, type TensorIndex } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenOutputs } from '@webssl-tooling/fixtures';
import { expect, it } from 'vitest';

it.each(goldenOutputs())(
  'gives what the reference gives, and the bits of backend-cpu: $checkpoint, $image, $size',
  async (golden) => {
    const expected = await openTensorIndex(golden.path);
    const pixels = await tensor(expected, 'pixel_values');
    const [, , height = 0, width = 0] = pixels.dims;
    const outputs = [...expected.tensors.keys()].filter((name) => name !== 'pixel_values') as OutputName[];
    const model = createModelSource(await openCheckpoint(goldenCheckpoint(golden.checkpoint)));
    const compute = async (backend: Backend) => {
      const session: BackendSession = await backend.open(model, { size: { height, width }, outputs });
      try {
        return (await session.run({ data: pixels.data, dims: [1, 3, height, width] })).tensors;
      } finally {
        await session.close();
      }
    };

    const tensors = await compute(cannOnnx({ provider: 'cpu' }));

    for (const output of outputs) {
      const reference = await tensor(expected, output);
      expect(tensors[output]?.dims).toEqual(reference.dims);
      expect(nmse(tensors[output]?.data ?? new Float32Array(), reference.data), output).toBeLessThanOrEqual(
        1e-10,
      );
    }
    expect(tensors).toEqual(await compute(cpu()));
  },
);

async function tensor(index: TensorIndex, name: string) {
  const entry = index.tensors.get(name);
  if (entry === undefined) throw new Error(`no golden tensor ${name}`);
  const { data, dims } = await readTensor(entry);
  return { data: Float32Array.from(data), dims };
}
