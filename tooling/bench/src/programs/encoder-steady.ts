/** A loaded encoder that encodes prepared pixel values again and again: a program for `Contender`. */
import { loadEncoder } from '@webssl/encoder';
import { readFloats, writeFloats } from '../float-file.js';
import { programArguments } from '../program-arguments.js';
import { serveTasks, timed } from '../serve-tasks.js';

const { model, mode, threads, pixels, height, width, features } = programArguments(
  'model',
  'mode',
  'threads',
  'pixels',
  'height',
  'width',
  'features',
);

const encoder = await loadEncoder(model, {
  mode: mode === 'throughput' ? 'throughput' : 'coldStart',
  threads: Number(threads),
});
const batch = { data: await readFloats(pixels), dims: [1, 3, Number(height), Number(width)] } as const;
const encode = () => encoder.encodePixelValues(batch, { features: ['last_hidden_state'] });

await writeFloats(features, (await encode()).last_hidden_state.data);
await serveTasks({ encode: timed(encode) });
await encoder.close();
