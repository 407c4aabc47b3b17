import { createOutputFile } from './output-file.js';
import { layoutSafetensors } from './safetensors-layout.js';
import { describeTensor, type WritableTensor } from './writable-tensor.js';

/**
 * Writes tensors that are in memory as one safetensors file. The same tensors and metadata always give the same bytes.
 * The file takes its name only when it is complete.
 * @throws WebsslError `SAFETENSORS_TENSOR_INVALID`, `OUTPUT_FOLDER_MISSING`, `OUTPUT_WRITE_FAILED`.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, WritableTensor> | Readonly<Record<string, WritableTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const parts = new Map(
    [...(tensors instanceof Map ? tensors : Object.entries(tensors))].map(([name, tensor]) => [
      name,
      { name, shape: tensor.dims, ...describeTensor(name, tensor) },
    ]),
  );
  const layout = layoutSafetensors(
    [...parts.values()].map(({ name, type, shape }) => ({ name, type, shape })),
    metadata,
  );
  const output = await createOutputFile(path);
  await output.write(layout.header);
  for (const { name } of layout.tensors) {
    const part = parts.get(name);
    if (part !== undefined) await output.write(part.bytes);
  }
  await output.finish();
}
