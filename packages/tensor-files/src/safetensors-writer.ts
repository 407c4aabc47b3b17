import { type FileHandle, open, rm } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import {
  attempt,
  createOutputFile,
  type OutputFile,
  partialPath,
  requireFolder,
  writeFully,
} from './output-file.js';
import { layoutSafetensors, type TensorOutline } from './safetensors-layout.js';
import { describeTensor, unwritable, type WritableTensor } from './writable-tensor.js';

/** Bytes copied at a time when the file is put together. */
const chunkBytes = 4 * 1024 * 1024;

/** Writes a safetensors file whose tensors grow row by row and need not fit in memory. */
export interface SafetensorsWriter {
  /**
   * Adds one row to a tensor; the first row fixes type and dims. In the file the tensor is `[rows, ...dims of a row]`.
   * Rows keep the order of the calls, also where they are not awaited; `row.data` must not change before the promise settles.
   * @throws WebsslError `SAFETENSORS_TENSOR_INVALID` (the writer stays usable), `OUTPUT_WRITE_FAILED` (everything written is
   * removed), `OUTPUT_CLOSED`.
   */
  append(name: string, row: WritableTensor): Promise<void>;
  /**
   * Puts the file together and gives it its name, replacing what had it before.
   * @throws WebsslError `OUTPUT_WRITE_FAILED` (everything written is removed), `OUTPUT_CLOSED`.
   */
  finish(metadata?: Readonly<Record<string, string>>): Promise<void>;
  /** Removes everything that was written. Does nothing after `finish` or another `abort`. Never throws. */
  abort(): Promise<void>;
}

/** The rows of one tensor, in a file of their own until the tensors can be put one behind the other. */
interface Spool {
  readonly path: string;
  readonly handle: FileHandle;
  readonly outline: TensorOutline;
  rows: number;
  byteLength: number;
}

/**
 * Begins a safetensors file. The rows go to hidden files next to `path` (`.<name>.<random>.partial`, one a tensor), and
 * `finish` copies them into the final file: at that time the disk must hold the data once more, less what is already copied.
 * @throws WebsslError `OUTPUT_FOLDER_MISSING`.
 */
export async function createSafetensorsWriter(path: string): Promise<SafetensorsWriter> {
  await requireFolder(path);
  const spools = new Map<string, Spool>();
  let isOpen = true;
  let last: Promise<unknown> = Promise.resolve();

  /** One step after the other, in the order of the calls. */
  function inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = last.then(step);
    last = result.catch(() => undefined);
    return result;
  }

  async function removeAll(): Promise<void> {
    isOpen = false;
    for (const spool of spools.values()) await removeSpool(spool).catch(() => undefined);
    spools.clear();
  }

  async function orRemoveAll<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await attempt(path, action);
    } catch (error) {
      await removeAll();
      throw error;
    }
  }

  function requireOpen(): void {
    if (isOpen) return;
    throw new WebsslError({
      code: 'OUTPUT_CLOSED',
      message: `The writer of ${path} was finished, aborted or has failed before. Begin a new one.`,
      details: { path },
    });
  }

  return {
    append: (name, row) =>
      inTurn(async () => {
        requireOpen();
        const { type, bytes } = describeTensor(name, row);
        const known = spools.get(name);
        if (known !== undefined) requireSame(known.outline, type, row.dims);
        await orRemoveAll(async () => {
          const spool = known ?? (await openSpool(path, { name, type, shape: [...row.dims] }));
          spools.set(name, spool);
          await writeFully(spool.handle, bytes, spool.byteLength);
          spool.byteLength += bytes.length;
          spool.rows++;
        });
      }),
    finish: (metadata) =>
      inTurn(async () => {
        requireOpen();
        await orRemoveAll(() => assemble(path, spools, metadata));
        await removeAll();
      }),
    abort: () => inTurn(removeAll),
  };
}

function requireSame({ name, type, shape }: TensorOutline, newType: string, dims: readonly number[]): void {
  if (type === newType && shape.length === dims.length && shape.every((size, axis) => size === dims[axis]))
    return;
  throw unwritable(
    name,
    `its earlier rows are ${type} [${shape.join(', ')}], this one is ${newType} [${dims.join(', ')}]`,
  );
}

async function openSpool(path: string, outline: TensorOutline): Promise<Spool> {
  const spool = partialPath(path);
  return { path: spool, handle: await open(spool, 'wx+'), outline, rows: 0, byteLength: 0 };
}

async function removeSpool({ path, handle }: Spool): Promise<void> {
  try {
    await handle.close();
  } finally {
    await rm(path, { force: true });
  }
}

async function assemble(
  path: string,
  spools: Map<string, Spool>,
  metadata: Readonly<Record<string, string>> | undefined,
): Promise<void> {
  const layout = layoutSafetensors(
    [...spools.values()].map(({ outline, rows }) => ({ ...outline, shape: [rows, ...outline.shape] })),
    metadata,
  );
  const output = await createOutputFile(path);
  try {
    await output.write(layout.header);
    for (const { name } of layout.tensors) {
      const spool = spools.get(name);
      if (spool === undefined) continue;
      await copySpool(spool, output);
      await removeSpool(spool);
      spools.delete(name);
    }
    await output.finish();
  } catch (error) {
    await output.abort();
    throw error;
  }
}

async function copySpool({ handle, byteLength }: Spool, output: OutputFile): Promise<void> {
  const chunk = new Uint8Array(Math.min(chunkBytes, byteLength));
  for (let position = 0; position < byteLength; ) {
    const { bytesRead } = await handle.read(
      chunk,
      0,
      Math.min(chunk.length, byteLength - position),
      position,
    );
    if (bytesRead === 0) throw new Error('a partial file was cut short by another program');
    await output.write(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}
