import type { OpenCheckpointOptions } from '@webssl/registry';
import { showProgress } from '../progress.js';

/** A bar while a synthetic checkpoint is being written. */
export function checkpointProgress(): NonNullable<OpenCheckpointOptions['onProgress']> {
  let progress: ReturnType<typeof showProgress> | undefined;
  return ({ writtenBytes, totalBytes }) => {
    progress ??= showProgress('Writing synthetic weights', Math.round(totalBytes / 1e6), 'MB');
    progress.update(Math.round(writtenBytes / 1e6));
    if (writtenBytes === totalBytes) progress.stop();
  };
}
