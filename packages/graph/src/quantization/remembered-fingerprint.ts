import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '@webssl/registry';
import { makeFolder, writeOutputFile } from '@webssl/tensor-files';

/**
 * The fingerprint of a checkpoint. Computing it may read all weights, which takes seconds: it is remembered in the cache by the
 * checkpoint's key, which changes when a file does.
 * @throws the signal's reason; what the checkpoint's own `fingerprint` throws
 */
export async function rememberedFingerprint(
  checkpoint: Pick<Checkpoint, 'key' | 'fingerprint'>,
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<string> {
  const folder = join(cacheFolder, 'fingerprints');
  const file = join(folder, createHash('sha256').update(checkpoint.key).digest('hex'));
  const known = await readFile(file, 'utf8').catch(() => '');
  if (/^[\da-f]{64}\n$/.test(known)) return known.trimEnd();
  const fingerprint = await checkpoint.fingerprint(signal);
  await makeFolder(folder)
    .then(() => writeOutputFile(file, `${fingerprint}\n`))
    .catch(() => {
      // It is computed again next time: a cache that cannot be written is reported by whoever needs it.
    });
  return fingerprint;
}
