import { builtProgram, commandLine } from '../paths.js';
import type { Program } from '../program.js';
import type { Subject } from '../subject.js';

/** The command of this repository, as a user starts it: one photograph, CLS features. */
export function websslFirst({ model, photograph, threads }: Subject, features: string): Program {
  return {
    command: process.execPath,
    parameters: [
      commandLine,
      'embed',
      photograph,
      ...['--model', model],
      ...['--features', 'cls'],
      ...['--threads', `${threads}`],
      ...['--out', features],
    ],
  };
}

/** The encoder on prepared pixel values: a program for `Contender`. */
export function websslSteady(
  { model, threads, pixels, size }: Subject,
  mode: 'throughput' | 'coldStart',
  features: string,
): Program {
  return {
    command: process.execPath,
    parameters: [
      builtProgram('encoder-steady'),
      ...['--model', model],
      ...['--mode', mode],
      ...['--threads', `${threads}`],
      ...['--pixels', pixels],
      ...['--height', `${size.height}`],
      ...['--width', `${size.width}`],
      ...['--features', features],
    ],
  };
}
