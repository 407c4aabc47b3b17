import type { LoadEncoderOptions } from '@webssl/encoder';
import type { Terminal } from '../terminal.js';

/** Tells of every session that is lost, and how the work goes on. */
export function deviceLossReporter(terminal: Terminal): NonNullable<LoadEncoderOptions['onDeviceLost']> {
  return ({ device, error, retired }) => {
    const name =
      device === undefined ? 'A device' : `${device.backend}@${device.index ?? 0} (${device.name})`;
    const goingOn = retired ? 'Going on without it.' : 'What it had is computed once more.';
    terminal.note(`warning: ${name} was lost: ${error.message}\n${goingOn}`);
  };
}
