import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadEncoder } from '@webssl/encoder';
import { createSafetensorsWriter } from '@webssl/tensor-files';

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
    out: { type: 'string', default: 'index.safetensors' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('Which folder? npm start -- photos');
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
const index = await createSafetensorsWriter(values.out);
const indexed = [];
for await (const result of encoder.encodeAll(paths, { features: ['cls'], normalize: true })) {
  if ('error' in result) {
    console.error(`${result.image} is left out: ${result.error.message}`);
    continue;
  }
  await index.append('cls', result.features.cls);
  indexed.push(resolve(result.image));
}
await encoder.close();
if (indexed.length === 0) {
  await index.abort();
  console.error('None of them could be read: no index was written.');
  process.exit(1);
}
await index.finish({ model: values.model, paths: JSON.stringify(indexed) });
console.log(`${indexed.length} photographs -> ${values.out}`);
