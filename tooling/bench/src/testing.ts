import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { goldenOutputs } from '@webssl-tooling/fixtures';

/** What the reference makes of the photograph of an astronaut with a tiny checkpoint, at the checkpoint's own size. */
export async function goldenTensors(checkpoint: string) {
  const golden = goldenOutputs().find(
    (output) =>
      output.checkpoint === checkpoint && output.image.startsWith('astronaut') && output.size === null,
  );
  if (golden === undefined) throw new Error(`no golden output of ${checkpoint}`);
  const { tensors } = await openTensorIndex(golden.path);
  const read = async (name: string) => {
    const entry = tensors.get(name);
    if (entry === undefined) throw new Error(`no golden tensor ${name}`);
    return readTensor(entry);
  };
  return { pixelValues: await read('pixel_values'), lastHiddenState: await read('last_hidden_state') };
}
