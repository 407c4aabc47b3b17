import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { linearLayers, smoothingPlaces } from '@webssl/graph/quantization';
import { openCheckpoint } from '@webssl/registry';
import { readTensor, type WritableTensor, writeSafetensors } from '@webssl/tensor-files';

/** How much larger than the others the outlier channels become. */
const factors = [50, 75, 100];

/**
 * Copies a checkpoint of one weight file and makes some channels 50 to 100 times larger than the rest, as trained ViTs have them: behind
 * every LayerNorm and in the values, made up for where they are read, so that these change nothing that the model computes; and inside
 * the feed-forward network of the second layer, where nothing can make up for them: there it becomes another model.
 */
export async function plantOutliers(source: string, target: string): Promise<void> {
  const checkpoint = await openCheckpoint(source);
  const { config, index } = checkpoint;
  await mkdir(target, { recursive: true });
  for (const name of await readdir(source)) {
    if (name.endsWith('.json')) await copyFile(join(source, name), join(target, name));
  }
  const tensors = new Map<string, { readonly data: Float32Array; readonly dims: readonly number[] }>();
  for (const [name, entry] of checkpoint.tensors) tensors.set(name, await readTensor(entry));
  const scaleRow = (name: string, row: number, factor: number) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) return;
    const width = tensor.data.length / (tensor.dims[0] ?? 1);
    for (let column = 0; column < width; column++) multiply(tensor.data, row * width + column, factor);
  };
  const scaleColumn = (name: string, column: number, factor: number) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) return;
    const [rows = 0, width = 0] = tensor.dims;
    for (let row = 0; row < rows; row++) multiply(tensor.data, row * width + column, factor);
  };
  for (const { layer, channels, makers, readers } of smoothingPlaces(config)) {
    for (const [position, factor] of factors.entries()) {
      const channel = (position * 23 + layer * 5) % channels;
      for (const { tensor, firstRow } of makers) scaleRow(tensor, firstRow + channel, factor);
      for (const reader of readers) scaleColumn(`${reader}.weight`, channel, 1 / factor);
    }
  }
  const hidden = linearLayers(config).find(({ layer, role }) => layer === 1 && role === 'feedForwardIn');
  for (const [position, factor] of factors.entries()) {
    scaleRow(`${hidden?.name}.weight`, position * 7, factor);
    scaleRow(`${hidden?.name}.bias`, position * 7, factor);
  }
  const written = new Map<string, WritableTensor>(tensors);
  await writeSafetensors(join(target, 'model.safetensors'), written, index.metadata);
}

function multiply(data: Float32Array, index: number, factor: number): void {
  data[index] = (data[index] ?? 0) * factor;
}
