/**
 * Times preprocessing on this machine: `node benchmark/throughput.mjs [image.jpg]`, after `pnpm build`.
 *
 * Prints, for a JPEG of 1600 x 1200 made from the image: decoding alone (sharp), the whole way to pixel values, both
 * ways of resizing, several images at once, and how long the event loop was blocked meanwhile.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { argv, env, version } from 'node:process';
import { fileURLToPath } from 'node:url';
import { createPreprocessor, parseProcessorConfig } from '@webssl/preprocess';
import sharp from 'sharp';

const photograph =
  argv[2] ?? fileURLToPath(new URL('../../../tooling/fixtures/golden/images/flower.jpg', import.meta.url));
const config = parseProcessorConfig({
  image_processor_type: 'BitImageProcessor',
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
});

console.log(
  `Node ${version}, ${availableParallelism()} x ${cpus()[0]?.model}, UV_THREADPOOL_SIZE=${env.UV_THREADPOOL_SIZE ?? '4 (default)'}`,
);
const jpeg = await sharp(photograph).resize(1600, 1200, { fit: 'fill' }).jpeg({ quality: 90 }).toBuffer();
console.log(`JPEG 1600 x 1200, ${jpeg.length} bytes`);

await report('decode alone (sharp)', () => sharp(jpeg, { ignoreIcc: true }).raw().toBuffer());
for (const resize of ['exact', 'fast']) {
  const preprocessor = createPreprocessor(config, { resize });
  const start = performance.now();
  await preprocessor.process(jpeg);
  console.log(`${resize}, first image, thread start included: ${(performance.now() - start).toFixed(1)} ms`);
  await report(`${resize}, one image at a time`, () => preprocessor.process(jpeg));
  await preprocessor.close();
}
for (let concurrency = 1; concurrency <= availableParallelism(); concurrency *= 2) {
  const preprocessor = createPreprocessor(config, { concurrency });
  const images = 60;
  await Promise.all(Array.from({ length: concurrency }, () => preprocessor.process(jpeg)));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await Promise.all(Array.from({ length: images }, () => preprocessor.process(jpeg)));
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  const blocked = (delay.max / 1e6).toFixed(1);
  console.log(
    `${concurrency} at a time: ${(images / seconds).toFixed(1)} images/s, event loop late by at most ${blocked} ms`,
  );
  await preprocessor.close();
}
await reportBlocking();

/** The event loop while one very large image comes in every way. */
async function reportBlocking() {
  const side = 9000;
  const pixels = Buffer.alloc(side * side * 3, 127);
  const large = await sharp(pixels, {
    raw: { width: side, height: side, channels: 3 },
    limitInputPixels: false,
  })
    .jpeg()
    .toBuffer();
  const file = await readFile(photograph);
  const inputs = {
    'JPEG of 81 megapixels': large,
    'raw pixels, 243 MB': { data: pixels, width: side, height: side, channels: 3 },
    'data: URI of the photograph, 40 times over': `data:;base64,${Buffer.concat(Array(40).fill(file)).toString('base64')}`,
  };
  const preprocessor = createPreprocessor(config);
  await preprocessor.process(jpeg);
  for (const [name, input] of Object.entries(inputs)) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    await preprocessor.process(input);
    const took = (performance.now() - start).toFixed(0);
    delay.disable();
    console.log(`${name}: ${took} ms, event loop late by at most ${(delay.max / 1e6).toFixed(1)} ms`);
  }
  await preprocessor.close();
}

async function report(name, run) {
  const times = [];
  for (let round = 0; round < 25; round += 1) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(`${name}: median ${times[12].toFixed(1)} ms, best ${times[0].toFixed(1)} ms`);
}
