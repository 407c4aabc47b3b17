import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { goldenOutputs } from '@webssl-tooling/fixtures';

/** The CLS feature that the reference stack computes of an image with `vit-tiny-p14`. */
export async function goldenCls(image: string): Promise<Float32Array> {
  const example = goldenOutputs().find(
    (output) => output.checkpoint === 'vit-tiny-p14' && output.image === image && output.size === null,
  );
  if (example === undefined) throw new Error(`the golden set has no outputs of ${image}`);
  const entry = (await openTensorIndex(example.path)).tensors.get('last_hidden_state');
  if (entry === undefined) throw new Error('the golden file has no last_hidden_state');
  const { data, dims } = await readTensor(entry);
  return data.subarray(0, dims.at(-1));
}
