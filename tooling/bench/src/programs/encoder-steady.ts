/** A loaded encoder that encodes prepared pixel values again and again: a program for `Contender`. */
import { loadEncoder } from '@webssl/encoder';
import { readFloats, writeFloats } from '../float-file.js';
import { programArguments } from '../program-arguments.js';
import { serveTasks, timed } from '../serve-tasks.js';

const { model, device, mode, threads, pixels, height, width, output, features } = programArguments(
  'model',
  'device',
  'mode',
  'threads',
  'pixels',
  'height',
  'width',
  'output',
  'features',
);

const feature = output === 'cls' ? 'cls' : 'last_hidden_state';
const encoder = await loadEncoder(model, {
  device,
  features: [feature],
  mode: mode === 'throughput' ? 'throughput' : 'coldStart',
  threads: Number(threads),
});
const batch = { data: await readFloats(pixels), dims: [1, 3, Number(height), Number(width)] } as const;
const encode = () => encoder.encodePixelValues(batch, { features: [feature] });

await writeFloats(features, (await encode())[feature].data);
await serveTasks({ encode: timed(encode) });
await encoder.close();
