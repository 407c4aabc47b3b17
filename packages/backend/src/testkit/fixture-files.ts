import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = dirname(createRequire(import.meta.url).resolve('@webssl/backend/package.json'));

/** Folder of the fixture checkpoint, as a real one is laid out: config.json and model.safetensors. */
export const checkpointFolder = join(root, 'fixture', 'checkpoint');

/** Name of the weight file in that folder. */
export const weightsFile = 'model.safetensors';

/** The worker entry of the reference backend, as built. */
export const referenceWorker = join(root, 'dist', 'reference-worker.js');

/** The graph in a file of the fixture. */
export function readGraph(file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(root, 'fixture', 'graphs', file)));
}
