/**
 * How far `resize: 'fast'` is from the exact pixel values: `node benchmark/fast-error.mjs`, after `pnpm build`.
 *
 * NMSE is the squared error over the sum of squares of the exact pixel values, 224 x 224, bicubic, ImageNet mean and
 * deviation; for the photographs of the fixtures as they are, and for each as a JPEG of 1600 x 1200.
 */
import { fileURLToPath } from 'node:url';
import { createPreprocessor, parseProcessorConfig } from '@webssl/preprocess';
import sharp from 'sharp';

const config = parseProcessorConfig({
  image_processor_type: 'BitImageProcessor',
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
});
const exact = createPreprocessor(config);
const fast = createPreprocessor(config, { resize: 'fast' });

for (const name of ['astronaut.png', 'chelsea.png', 'china.jpg', 'flower.jpg', 'rocket.jpg']) {
  const path = fileURLToPath(new URL(`../../../tooling/fixtures/golden/images/${name}`, import.meta.url));
  const large = await sharp(path).resize(1600, 1200, { fit: 'fill' }).jpeg({ quality: 90 }).toBuffer();
  console.log(`${name}: ${await error(path)} as it is, ${await error(large)} as a JPEG of 1600 x 1200`);
}
await Promise.all([exact.close(), fast.close()]);

async function error(image) {
  const [reference, other] = await Promise.all([exact.process(image), fast.process(image)]);
  let difference = 0;
  let energy = 0;
  reference.pixelValues.data.forEach((value, index) => {
    difference += (other.pixelValues.data[index] - value) ** 2;
    energy += value ** 2;
  });
  return (difference / energy).toExponential(1);
}
