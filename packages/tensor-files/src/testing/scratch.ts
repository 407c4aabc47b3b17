import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { afterAll, beforeAll } from 'vitest';

/** A folder of the test file's own, removed after its tests. */
export function scratchFolder(): {
  readonly path: (name: string) => string;
  readonly names: () => Promise<string[]>;
} {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tensor-files-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return { path: (name) => join(folder, name), names: () => readdir(folder) };
}

/** The bytes of a safetensors file with this header text and so many data bytes (0, 1, 2, ...). */
export function safetensorsBytes(
  header: string | Uint8Array,
  dataBytes: number,
  headerLength?: bigint,
): Buffer {
  const text = typeof header === 'string' ? Buffer.from(header) : Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(headerLength ?? BigInt(text.length));
  return Buffer.concat([
    prefix,
    text,
    Buffer.from(Array.from({ length: dataBytes }, (_, position) => position % 256)),
  ]);
}

/** Writes a safetensors file of {@link safetensorsBytes}; `header` may be given as an object. */
export async function writeSample(path: string, header: string | object, dataBytes: number): Promise<string> {
  await writeFile(
    path,
    safetensorsBytes(typeof header === 'string' ? header : JSON.stringify(header), dataBytes),
  );
  return path;
}

/** The error that a promise rejects with; fails where it is none of ours. */
export async function failureOf(promise: Promise<unknown>): Promise<WebsslError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (WebsslError.isInstance(outcome)) return outcome;
  throw new Error(`a WebsslError was expected, not ${String(outcome)}`, { cause: outcome });
}
