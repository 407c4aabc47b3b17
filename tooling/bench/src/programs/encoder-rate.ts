/**
 * A loaded encoder that tells how many images a second it encodes from the bytes of their files: what a server cannot exceed. A
 * program for `Contender`.
 */
import { loadEncoder } from '@webssl/encoder';
import { encodeAlone, encodeCompared } from '../compared-encoding.js';
import { writeFloats } from '../float-file.js';
import { programArguments } from '../program-arguments.js';
import { serveTasks } from '../serve-tasks.js';
import { readPhotographs } from '../server/photographs.js';

const { model, threads, photographs, features, seconds } = programArguments(
  'model',
  'threads',
  'photographs',
  'features',
  'seconds',
);

/** So few that a slow model still has a steady state. */
const leastImages = 4;

// What the server loads where nothing is said.
const encoder = await loadEncoder(model, { mode: 'throughput', threads: Number(threads) });
const images = await readPhotographs(photographs);
const alone = await encodeAlone(encoder, images);
await writeFloats(features, Float32Array.from(alone.flatMap((values) => [...values])));

/** All images, again and again, until the time is up. */
function* againAndAgain(): Generator<Buffer, void, undefined> {
  const end = performance.now() + Number(seconds) * 1000;
  for (let count = 0; count < leastImages || performance.now() < end; count++) {
    const image = images[count % images.length];
    if (image !== undefined) yield image;
  }
}

async function encode() {
  const times: number[] = [];
  for await (const _ of encodeCompared(encoder, againAndAgain(), alone)) times.push(performance.now());
  // From the first result on: what came before it was filling up.
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return { imagesPerSecond: (1000 * (times.length - 1)) / (last - first) };
}

await serveTasks({ encode });
await encoder.close();
