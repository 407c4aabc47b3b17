import { open, rm } from 'node:fs/promises';

const step = Buffer.alloc(8 * 1024 ** 2);

/**
 * Writes a file and removes it, so that as much memory for the page cache is at hand. A virtual machine may give free
 * memory back to its host within seconds; writing 2.5 GB into memory that has to come from there took 4 s longer than
 * the 0.5 s it took otherwise, and only for whoever came after a pause.
 *
 * @param file must not exist
 */
export async function settleMemory(bytes: number, file: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    for (let done = 0; done < bytes; )
      done += (await handle.write(step, 0, Math.min(step.length, bytes - done))).bytesWritten;
  } finally {
    await handle.close();
    await rm(file);
  }
}
