import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/**
 * Length and SHA-256 of a file, read once.
 * @throws the signal's AbortError; errors of the file system.
 */
export async function hashFile(
  file: string,
  signal?: AbortSignal,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const take = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  };
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), take, { signal });
  return { bytes, sha256: hash.digest('hex') };
}
