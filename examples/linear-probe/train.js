import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadEncoder } from '@webssl/encoder';
import { classify, fit } from './softmax-regression.js';

// What a user can put right is said in a line, not with a stack.
process.on('uncaughtException', (error) => {
  console.error(error.message);
  process.exit(1);
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'facebook/webssl-mae300m-full2b-224' },
    device: { type: 'string', default: 'cpu' },
    out: { type: 'string', default: 'probe.json' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('Which folder? npm start -- photos, with a folder for each label in it');
  process.exit(2);
}

const photographs = [];
/** @type {string[]} */
const labels = [];
for (const entry of await readdir(folder, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  labels.push(entry.name);
  for (const name of (await readdir(join(folder, entry.name))).sort()) {
    if (/\.(jpe?g|png|webp|avif|tiff?|gif|bmp)$/i.test(name))
      photographs.push({ path: join(folder, entry.name, name), label: entry.name });
  }
}

/** @param {readonly { label: string }[]} some */
function requireEnough(some) {
  const counts = new Map(labels.map((label) => [label, 0]));
  for (const { label } of some) counts.set(label, (counts.get(label) ?? 0) + 1);
  const tooFew = [...counts].filter(([, count]) => count < 5);
  if (counts.size >= 2 && tooFew.length === 0) return;
  const found = [...counts].map(([label, count]) => `${label} (${count})`).join(', ') || 'none';
  console.error(
    `Two labels at least, each a folder in ${folder} with five photographs. There are: ${found}.`,
  );
  process.exit(1);
}
requireEnough(photographs);

const encoder = await loadEncoder(values.model, {
  device: values.device,
  mode: 'throughput',
  features: ['cls'],
});
/** @type {Map<string, { feature: Float32Array, label: string }[]>} */
const byLabel = new Map();
const paths = photographs.map(({ path }) => path);
for await (const result of encoder.encodeAll(paths, { features: ['cls'] })) {
  if ('error' in result) {
    console.error(`${result.image} is left out: ${result.error.message}`);
    continue;
  }
  const label = photographs[result.index]?.label ?? '';
  byLabel.set(label, [...(byLabel.get(label) ?? []), { feature: result.features.cls.data, label }]);
}
await encoder.close();

const samples = [...byLabel.values()];
// Some may have been left out.
requireEnough(samples.flat());
const seen = samples.flatMap((some) => some.filter((_, index) => index % 5 !== 4));
const heldOut = samples.flatMap((some) => some.filter((_, index) => index % 5 === 4));
const measured = fit(seen);
const right = heldOut.filter(({ feature, label }) => classify(feature, measured)[0]?.label === label);
console.log(`${right.length} of ${heldOut.length} held-out photographs are labelled right.`);

const probe = { model: values.model, ...fit(samples.flat()) };
await writeFile(`${values.out}.partial`, JSON.stringify(probe));
await rename(`${values.out}.partial`, values.out);
console.log(`${samples.flat().length} photographs, ${samples.length} labels -> ${values.out}`);
