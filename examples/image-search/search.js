import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadEncoder } from '@webssl/encoder';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';

// What a user can put right is said in a line, not with a stack.
process.on('uncaughtException', (error) => {
  console.error(error.message);
  process.exit(1);
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    index: { type: 'string', default: 'index.safetensors' },
    device: { type: 'string', default: 'cpu' },
    top: { type: 'string', default: '5' },
  },
});
const [query] = positionals;
if (query === undefined) {
  console.error('Which photograph? npm run search -- query.jpg');
  process.exit(2);
}

const top = Number(values.top);
if (!Number.isInteger(top) || top < 1) {
  console.error(`--top must be a whole number of at least 1, not ${values.top}.`);
  process.exit(2);
}
if (!existsSync(values.index)) {
  console.error(`There is no ${values.index} yet. Make it first: npm start -- photos`);
  process.exit(1);
}

// The paths stand in the header: 100 MB, the most that the format allows, are some two million of them.
const { tensors, metadata } = await openTensorIndex(values.index, { maxHeaderBytes: 100_000_000 });
const entry = tensors.get('cls');
if (entry === undefined || metadata.model === undefined || metadata.paths === undefined) {
  console.error(`${values.index} is no index of this program.`);
  process.exit(1);
}
const { data: rows } = await readTensor(entry);
/** @type {string[]} */
const paths = JSON.parse(metadata.paths);

const encoder = await loadEncoder(metadata.model, { device: values.device, features: ['cls'] });
const { cls } = await encoder.encode(query, { features: ['cls'], normalize: true });
await encoder.close();

// All vectors have the length 1, so the product of two is their cosine.
const width = cls.data.length;
if (width !== entry.shape[1]) {
  console.error(
    `${metadata.model} is another model than ${values.index} was made with. Make the index again.`,
  );
  process.exit(1);
}
const found = paths.map((path, row) => ({ path, cosine: product(row * width) }));
found.sort((one, other) => other.cosine - one.cosine);
for (const { path, cosine } of found.slice(0, top)) console.log(cosine.toFixed(4), path);

/** @param {number} offset where the row begins */
function product(offset) {
  let sum = 0;
  for (let column = 0; column < width; column++) {
    sum += (rows[offset + column] ?? 0) * (cls.data[column] ?? 0);
  }
  return sum;
}
