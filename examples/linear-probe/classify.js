import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadEncoder } from '@webssl/encoder';
import { classify } from './softmax-regression.js';

// What a user can put right is said in a line, not with a stack.
process.on('uncaughtException', (error) => {
  console.error(error.message);
  process.exit(1);
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    probe: { type: 'string', default: 'probe.json' },
    device: { type: 'string', default: 'cpu' },
  },
});
if (positionals.length === 0) {
  console.error('Which photographs? npm run classify -- new.jpg');
  process.exit(2);
}

const text = await readFile(values.probe, 'utf8').catch(() => '');
if (text === '') {
  console.error(`There is no ${values.probe} yet. Make it first: npm start -- photos`);
  process.exit(1);
}
const probe = JSON.parse(text);
if (typeof probe.model !== 'string' || !Array.isArray(probe.weights)) {
  console.error(`${values.probe} is no probe of this program.`);
  process.exit(1);
}
const encoder = await loadEncoder(probe.model, { device: values.device, features: ['cls'] });
for await (const result of encoder.encodeAll(positionals, { features: ['cls'] })) {
  if ('error' in result) {
    console.error(`${result.image}: ${result.error.message}`);
    process.exitCode = 1;
    continue;
  }
  const [best] = classify(result.features.cls.data, probe);
  if (best !== undefined)
    console.log(`${result.image}  ${best.label} (${(100 * best.probability).toFixed(0)} %)`);
}
await encoder.close();
