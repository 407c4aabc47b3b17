import { readFile, writeFile } from 'node:fs/promises';

/** Writes float32 numbers, little-endian and nothing else: what every program here and numpy can read. */
export async function writeFloats(file: string, values: Float32Array): Promise<void> {
  await writeFile(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** Reads what {@link writeFloats} wrote. */
export async function readFloats(file: string): Promise<Float32Array<ArrayBuffer>> {
  const bytes = await readFile(file);
  const values = new Float32Array(bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
  new Uint8Array(values.buffer).set(bytes);
  return values;
}
