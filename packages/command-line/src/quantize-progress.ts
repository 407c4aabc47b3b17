import type { LoadEncoderOptions } from '@webssl/encoder';
import type { Progress, Terminal } from './terminal.js';

/** Shows how far the int8 weights of a model are made. */
export function quantizeProgress(terminal: Terminal): NonNullable<LoadEncoderOptions['onQuantizeProgress']> {
  let progress: Progress | undefined;
  return ({ done, total }) => {
    progress ??= terminal.showProgress('Making int8 weights', Math.round(total / 1e6), 'million');
    progress.update(Math.round(done / 1e6));
    if (done < total) return;
    progress.stop();
    // Another device may need other ones.
    progress = undefined;
  };
}
