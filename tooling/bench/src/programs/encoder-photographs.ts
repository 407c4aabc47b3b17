/**
 * A loaded encoder that tells how many images a second it makes CLS features of: photographs from the bytes of their files, and prepared
 * pixel values, which is what the model alone can do. Each task has so many blocks of its own, which add up to the images that are
 * asked for. A program for `Contender`.
 */
import { loadEncoder } from '@webssl/encoder';
import { blockSize } from '../blocks.js';
import { encodeAlone, encodeCompared } from '../compared-encoding.js';
import { readFloats } from '../float-file.js';
import { programArguments } from '../program-arguments.js';
import { serveTasks, type Task } from '../serve-tasks.js';
import { readPhotographs } from '../server/photographs.js';

const { model, threads, sessions, photographs, pixels, height, width, images, blocks } = programArguments(
  'model',
  'threads',
  'sessions',
  'photographs',
  'pixels',
  'height',
  'width',
  'images',
  'blocks',
);

const features = ['cls'] as const;
// All sessions share one mapping of the weights in this mode; packed, each would have a copy.
const encoder = await loadEncoder(model, {
  features,
  mode: 'coldStart',
  threads: Number(threads),
  sessions: Number(sessions),
});
const files = await readPhotographs(photographs);
const alone = await encodeAlone(encoder, files);
const prepared = { data: await readFloats(pixels), dims: [1, 3, Number(height), Number(width)] } as const;

function* photographsAround(count: number): Generator<Buffer, void, undefined> {
  for (let index = 0; index < count; index++) {
    const file = files[index % files.length];
    if (file !== undefined) yield file;
  }
}

async function encodeFiles(count: number): Promise<void> {
  let encoded = 0;
  for await (const _ of encodeCompared(encoder, photographsAround(count), alone)) encoded++;
  if (encoded !== count) throw new Error(`${encoded} results for ${count} photographs`);
}

/** Always with one more on its way, so that the device never waits for the next. */
async function encodePrepared(count: number): Promise<void> {
  let begun = 0;
  const lane = async () => {
    while (begun++ < count) await encoder.encodePixelValues(prepared, { features });
  };
  await Promise.all([lane(), lane()]);
}

/** A task that does its next block each time. */
function inBlocks(encode: (count: number) => Promise<void>): Task {
  let block = 0;
  return async () => {
    const count = blockSize(Number(images), Number(blocks), block++);
    const started = performance.now();
    await encode(count);
    return { imagesPerSecond: (1000 * count) / (performance.now() - started), images: count };
  };
}

// What is encoded one by one goes to the first session each time: the others have not computed anything yet.
if (Number(sessions) > 1) await encodeFiles(2 * Number(sessions));
await serveTasks({ files: inBlocks(encodeFiles), model: inBlocks(encodePrepared) });
await encoder.close();
