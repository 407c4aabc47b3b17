import { nmse } from '@webssl/metrics';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage, goldenOutputs } from '@webssl-tooling/fixtures';
import type { EmptyProject } from './project/empty-project.js';

const [checkpoint, image] = ['vit-tiny-p14', 'astronaut.png'] as const;

/** Puts a tiny checkpoint as `model` and a photograph as `photo.png` into a project. */
export async function addModel(project: EmptyProject, folder = ''): Promise<void> {
  await project.copy(goldenCheckpoint(checkpoint), `${folder}model`);
  await project.copy(goldenImage(image), `${folder}photo.png`);
}

/** How far a CLS feature of that photograph is from what the Python reference computes, as NMSE. */
export async function errorOf(cls: readonly number[]): Promise<number> {
  const example = goldenOutputs().find(
    (one) => one.checkpoint === checkpoint && one.image === image && one.size === null,
  );
  if (example === undefined) throw new Error(`no golden outputs of ${checkpoint} for ${image}`);
  const { tensors } = await openTensorIndex(example.path);
  const entry = tensors.get('last_hidden_state');
  if (entry === undefined) throw new Error(`${example.path} has no last_hidden_state`);
  const { data } = await readTensor(entry);
  return nmse(cls, data.subarray(0, cls.length));
}
