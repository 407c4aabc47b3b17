import { resolve } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { formatBytes, hubOptions, type Terminal } from '@webssl/command-line';
import { removeDerivedFiles } from '@webssl/graph/quantization';
import { cacheFolder, parseModelReference, removeModel } from '@webssl/registry';
import { exitCode } from '../exit-code.js';

export interface RemoveModelOptions {
  readonly revision?: string;
  readonly derived?: boolean;
  readonly cacheDir?: string;
}

/** `webssl models remove`: a model, the parts of its unfinished downloads and what was derived from it off the disk. */
export async function printRemoval(
  reference: string,
  options: RemoveModelOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.derived) return removeDerived(reference, terminal);
  const { id, revision, freedBytes: ownBytes } = await removeModel(reference, hubOptions(options));
  // Another revision may have the same weights, so one revision takes nothing along.
  const freedBytes = ownBytes + (revision === undefined ? await removeDerivedFiles(cacheFolder(), id) : 0);
  const which = revision === undefined ? id : `${id} at ${revision}`;
  terminal.result(`${which} removed, ${formatBytes(freedBytes)} freed`);
  return exitCode.success;
}

async function removeDerived(model: string, terminal: Terminal): Promise<number> {
  const freedBytes = await removeDerivedFiles(cacheFolder(), ...(await listedNames(model)));
  if (freedBytes === 0) {
    throw new WebsslError({
      code: 'MODEL_NOT_ON_DISK',
      message: `Nothing in ${cacheFolder()} was derived under the name ${model}. What a copy of the model uses stands under the name that it was first made for: webssl models list has them all.`,
      details: { model },
    });
  }
  terminal.result(`what was derived from ${model} is removed, ${formatBytes(freedBytes)} freed`);
  return exitCode.success;
}

/** How the list may name a model: as the user does, by the path of its folder, also of one that is gone, or by its full id. */
async function listedNames(model: string): Promise<readonly string[]> {
  const { id } = await parseModelReference(model).catch(() => ({ id: model }));
  return [model, resolve(model), id];
}
