import { formatBytes, hubOptions, type Terminal } from '@webssl/command-line';
import { removeModel } from '@webssl/registry';
import { exitCode } from '../exit-code.js';

export interface RemoveModelOptions {
  readonly revision?: string;
  readonly cacheDir?: string;
}

/** `webssl models remove`: a model and the parts of its unfinished downloads off the disk. */
export async function printRemoval(
  reference: string,
  options: RemoveModelOptions,
  terminal: Terminal,
): Promise<number> {
  const { id, revision, freedBytes } = await removeModel(reference, hubOptions(options));
  const which = revision === undefined ? id : `${id} at ${revision}`;
  terminal.result(`${which} removed, ${formatBytes(freedBytes)} freed`);
  return exitCode.success;
}
