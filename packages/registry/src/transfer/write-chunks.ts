import type { FileHandle } from 'node:fs/promises';

/** Writes chunks one after the other from `position` on, without copying them together. Returns their bytes. */
export async function writeChunks(
  handle: FileHandle,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<number> {
  let written = 0;
  let rest = chunks;
  while (rest.length > 0) {
    // One call may write less than it was given: where the disk becomes full, the next one says so.
    const { bytesWritten } = await handle.writev([...rest], position + written);
    written += bytesWritten;
    rest = without(rest, bytesWritten);
  }
  return written;
}

/** What is left of chunks when their first `count` bytes are taken away. */
function without(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skipped = 0;
  for (const [index, chunk] of chunks.entries()) {
    if (skipped + chunk.length > count) {
      return [chunk.subarray(count - skipped), ...chunks.slice(index + 1)];
    }
    skipped += chunk.length;
  }
  return [];
}
