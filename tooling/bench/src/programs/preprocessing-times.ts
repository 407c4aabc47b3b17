/** Ways of turning one photograph into pixel values, in one process: a program for `Contender`. */
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createPreprocessor, parseProcessorConfig } from '@webssl/preprocess';
import sharp from 'sharp';
import { programArguments } from '../program-arguments.js';
import { serveTasks, type Task, timed } from '../serve-tasks.js';

const { processor, image, together } = programArguments('processor', 'image', 'together');

const config = parseProcessorConfig(JSON.parse(await readFile(processor, 'utf8')));
const exact = createPreprocessor(config);
const fast = createPreprocessor(config, { resize: 'fast' });

function prepareSeveral(): Promise<unknown> {
  return Promise.all(Array.from({ length: Number(together) }, () => exact.process(image)));
}

/** How long the event loop was blocked at most, one image alone and several at once. Its clock ticks once a millisecond. */
async function longestBlock(): Promise<Readonly<Record<string, number>>> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await exact.process(image);
  await prepareSeveral();
  delay.disable();
  return { milliseconds: delay.max / 1e6 };
}

const tasks: Readonly<Record<string, Task>> = {
  decode: timed(() => sharp(image, { ignoreIcc: true }).raw().toBuffer()),
  exact: timed(() => exact.process(image)),
  fast: timed(() => fast.process(image)),
  several: timed(prepareSeveral),
  longestBlock,
};
// Threads start and code is compiled with the first images.
for (const task of Object.values(tasks)) await task();
await serveTasks(tasks);
await Promise.all([exact.close(), fast.close()]);
