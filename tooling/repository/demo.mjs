/** `npm run demo`: the main job on what the repository brings, with synthetic weights of full size. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const model = 'facebook/webssl-mae700m-full2b-224';
const output = join(root, 'demo-output', 'features.safetensors');

console.log(`Embedding the example photograph with a synthetic checkpoint of ${model}`);
console.log('(ViT-Huge: 632 million parameters, 2.5 GB, written once into the cache).\n');
mkdirSync(dirname(output), { recursive: true });
const command = [
  join(root, 'apps', 'cli', 'bin', 'webssl.mjs'),
  'embed',
  ...['--model', `random:${model}`],
  ...['--features', 'cls,mean,patches'],
  ...['--out', output],
];
const started = performance.now();
const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

console.log(`\nIn ${((performance.now() - started) / 1000).toFixed(1)} s. The features are in ${output}`);
console.log(`
The weights are SYNTHETIC: seeded random numbers in the true architecture, because trained weights are
2.5 GB and not part of this repository. With the trained weights (CC-BY-NC-4.0), which this fetches from the
Hugging Face hub first, or from the mirror that HF_ENDPOINT names:

  node apps/cli/bin/webssl.mjs embed photo.jpg --model ${model}
`);
