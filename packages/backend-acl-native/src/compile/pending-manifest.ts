import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissing } from './file-errors.js';
import { offlineModelManifest } from './manifest.js';
import { invalidOfflineModel } from './offline-model-file.js';

/** Name of what stands in for the manifest in a folder that still has to be compiled. */
export const pendingName = 'webssl-offline-model.pending.json';

/** All of a manifest that is known before the compiler has run. */
const pendingManifest = offlineModelManifest.omit({
  offlineModel: true,
  compilerVersion: true,
  files: true,
  created: true,
});
export type PendingManifest = z.infer<typeof pendingManifest>;

/**
 * Reads the pending manifest of a folder.
 * @returns undefined where there is none
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_INVALID`
 */
export async function readPendingManifest(folder: string): Promise<PendingManifest | undefined> {
  try {
    return pendingManifest.parse(JSON.parse(await readFile(join(folder, pendingName), 'utf8')));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw invalidOfflineModel(folder, `${pendingName}: ${reason}`, cause);
  }
}
