import type { OpenCheckpointOptions } from '@webssl/registry';
import type { Progress, Terminal } from './terminal.js';

/** Shows how far a synthetic checkpoint is written. */
export function checkpointProgress(terminal: Terminal): NonNullable<OpenCheckpointOptions['onProgress']> {
  let progress: Progress | undefined;
  return ({ writtenBytes, totalBytes }) => {
    progress ??= terminal.showProgress('Writing synthetic weights', Math.round(totalBytes / 1e6), 'MB');
    if (writtenBytes === totalBytes) progress.stop();
    else progress.update(Math.round(writtenBytes / 1e6));
  };
}
