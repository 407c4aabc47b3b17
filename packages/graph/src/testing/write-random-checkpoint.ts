import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseModelConfig, tensorLayout } from '@webssl/registry';
import { writeSafetensors } from '@webssl/tensor-files';
import { randomTensor } from './random-tensor.js';

/** Writes a small checkpoint of the architecture of a config.json, every weight of an effect. */
export async function writeRandomCheckpoint(
  folder: string,
  config: Readonly<Record<string, unknown>>,
): Promise<void> {
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(
    join(folder, 'preprocessor_config.json'),
    JSON.stringify({ image_processor_type: 'BitImageProcessor' }),
  );
  const tensors = tensorLayout(parseModelConfig(config)).map(
    ({ name, shape }, index) => [name, randomTensor(shape, index)] as const,
  );
  await writeSafetensors(join(folder, 'model.safetensors'), new Map(tensors));
}
