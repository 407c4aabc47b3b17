import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { cameraSize, writeCameraPhotograph } from './camera-photograph.js';
import { examplePhotograph } from './paths.js';

async function bitsPerPixel(file: string): Promise<number> {
  const [{ size }, { width, height }] = await Promise.all([stat(file), sharp(file).metadata()]);
  return (8 * size) / (width * height);
}

it('is a JPEG of two megapixels that is as hard to decode as the original', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'camera-photograph-'));
  const file = join(folder, 'photograph.jpg');
  await writeCameraPhotograph(examplePhotograph, file);

  expect(await sharp(file).metadata()).toMatchObject({ ...cameraSize, format: 'jpeg', channels: 3 });
  const ratio = (await bitsPerPixel(file)) / (await bitsPerPixel(examplePhotograph));
  expect(ratio).toBeGreaterThan(0.9);
  expect(ratio).toBeLessThan(1.1);
  await rm(folder, { recursive: true });
});
