import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelSource } from '@webssl/backend';
import { makeFolder } from './make-folder.js';

/**
 * The fingerprint of a model. Computing it may read all weights, some seconds for the large models: it is remembered in the
 * cache by the model's key, which changes when a file does.
 * @throws the signal's reason; what the model's own `fingerprint` throws
 */
export async function rememberedFingerprint(
  source: ModelSource,
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<string> {
  const name = createHash('sha256').update(source.key).digest('hex');
  const file = join(cacheFolder, 'fingerprints', name);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.endsWith('\n')) return known.trimEnd();
  const fingerprint = await source.fingerprint(signal);
  await remember(file, fingerprint).catch(() => {
    // It is computed again next time: a cache that cannot be written is reported by whoever needs it.
  });
  return fingerprint;
}

async function remember(file: string, fingerprint: string): Promise<void> {
  await makeFolder(dirname(file));
  const part = `${file}.${randomUUID()}.part`;
  await writeFile(part, `${fingerprint}\n`);
  await rename(part, file);
}
