import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadEncoder } from '@webssl/encoder';
import { groupDuplicates } from './group-duplicates.js';

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
    threshold: { type: 'string', default: '0.95' },
  },
});
const [folder] = positionals;
const threshold = Number(values.threshold);
if (folder === undefined || !(threshold > 0 && threshold <= 1)) {
  console.error('npm start -- photos [--threshold 0.95], with a threshold above 0 and at most 1');
  process.exit(2);
}

const paths = (await readdir(folder, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.(jpe?g|png|webp|avif|tiff?|gif|bmp)$/i.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
if (paths.length === 0) {
  console.error(`No photographs below ${folder}.`);
  process.exit(1);
}

const encoder = await loadEncoder(values.model, {
  device: values.device,
  mode: 'throughput',
  features: ['cls'],
});
const photographs = [];
for await (const result of encoder.encodeAll(paths, { features: ['cls'], normalize: true })) {
  if ('error' in result) {
    console.error(`${result.image} is left out: ${result.error.message}`);
    continue;
  }
  const { size } = await stat(result.image);
  photographs.push({ path: result.image, size, vector: result.features.cls.data });
}
await encoder.close();

const groups = groupDuplicates(
  photographs.map(({ vector }) => vector),
  threshold,
);
for (const { members, cosine } of groups) {
  console.log(`joined at a cosine of ${cosine.toFixed(4)} or more`);
  const files = members.flatMap((member) => photographs[member] ?? []);
  files.sort((one, other) => other.size - one.size);
  for (const { path, size } of files) console.log(`  ${path} (${size} bytes)`);
}
console.log(`${photographs.length} photographs, ${groups.length} groups of near-duplicates`);
