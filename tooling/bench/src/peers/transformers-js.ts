import { join } from 'node:path';
import { builtProgram } from '../paths.js';
import type { Program } from '../program.js';
import type { Subject } from '../subject.js';
import { installPackage } from './install-package.js';
import type { MissingPeer, Peer } from './peer.js';
import { graphNames, writeTransformersJsModel } from './transformers-js-model.js';

const packageName = '@huggingface/transformers';
const version = '4.3.1';

/** @huggingface/transformers from npm, on the same graph and weights. */
export async function prepareTransformersJs(subject: Subject, parent: string): Promise<Peer | MissingPeer> {
  const id = 'transformers.js';
  const name = `${packageName} ${version}`;
  const model = join(subject.folder, 'transformers-js-model');
  let library: string;
  try {
    library = await installPackage(packageName, version, parent);
    await writeTransformersJsModel(subject, model);
  } catch (error) {
    return { id, name, missing: error instanceof Error ? error.message : String(error) };
  }
  const { threads, photograph, pixels, size } = subject;
  const program = (file: string, graph: string, ...parameters: readonly string[]): Program => ({
    command: process.execPath,
    parameters: [
      builtProgram(file),
      ...['--library', library],
      ...['--model', model],
      ...['--graph', graph],
      ...['--threads', `${threads}`],
      ...parameters,
    ],
  });
  const shape = ['--height', `${size.height}`, '--width', `${size.width}`];
  return {
    id,
    name,
    first: (features) =>
      program('transformers-js-first', graphNames.cls, '--image', photograph, '--features', features),
    steady: (features) =>
      program('transformers-js-steady', graphNames.all, '--pixels', pixels, ...shape, '--features', features),
  };
}
