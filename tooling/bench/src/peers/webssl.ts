import { builtProgram, commandLine } from '../paths.js';
import type { Program } from '../program.js';
import type { Subject } from '../subject.js';

/** What of the encoder is measured. */
export interface OwnVariant {
  readonly device: 'cpu' | 'cpu:int8';
  readonly mode: 'throughput' | 'coldStart';
  readonly output: 'last_hidden_state' | 'cls';
}

/** The command of this repository, as a user starts it: one photograph, CLS features. */
export function websslFirst(
  { model, photograph, threads }: Subject,
  features: string,
  device: OwnVariant['device'] = 'cpu',
): Program {
  return {
    command: process.execPath,
    parameters: [
      commandLine,
      'embed',
      photograph,
      ...['--model', model],
      ...['--device', device],
      ...['--features', 'cls'],
      ...['--threads', `${threads}`],
      ...['--out', features],
    ],
  };
}

/** The encoder on prepared pixel values: a program for `Contender`. */
export function websslSteady(
  { model, threads, pixels, size }: Subject,
  { device, mode, output }: OwnVariant,
  features: string,
): Program {
  return {
    command: process.execPath,
    parameters: [
      builtProgram('encoder-steady'),
      ...['--model', model],
      ...['--device', device],
      ...['--mode', mode],
      ...['--threads', `${threads}`],
      ...['--pixels', pixels],
      ...['--height', `${size.height}`],
      ...['--width', `${size.width}`],
      ...['--output', output],
      ...['--features', features],
    ],
  };
}
