import { open } from 'node:fs/promises';
import type { HubHash } from '../hub/hub-file.js';
import { createFileHasher } from '../transfer/file-hasher.js';

const chunkBytes = 1024 * 1024;

/**
 * The digest of a file's content: SHA-256, or Git's blob id, the SHA-1 of `blob <bytes>\0` and the bytes. Read as a stream, so that a file of any size takes little memory and no long turn of
 * the event loop.
 *
 * @throws the signal's reason; errors of the file system.
 */
export async function hashContent(
  file: string,
  algorithm: HubHash['algorithm'],
  { signal, onBytes }: { readonly signal?: AbortSignal; readonly onBytes?: (count: number) => void } = {},
): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const hash = createFileHasher(algorithm, size);
    for await (const chunk of handle.createReadStream({ highWaterMark: chunkBytes, autoClose: false })) {
      signal?.throwIfAborted();
      hash.update(chunk);
      onBytes?.(chunk.length);
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
