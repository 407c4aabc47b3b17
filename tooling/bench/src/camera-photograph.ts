import sharp from 'sharp';

/** Two megapixels. */
export const cameraSize = { width: 1632, height: 1224 } as const;

/**
 * Writes a JPEG of two megapixels as a camera would: the example photograph enlarged, with grain, because enlarging alone
 * leaves it so smooth that it decodes too easily. With this grain it takes as many bits a pixel as the original.
 */
export async function writeCameraPhotograph(original: string, file: string): Promise<void> {
  const noise = { type: 'gaussian', mean: 128, sigma: 14 } as const;
  const grain = await sharp({ create: { ...cameraSize, channels: 3, background: 'gray', noise } })
    .png()
    .toBuffer();
  await sharp(original)
    .resize({ ...cameraSize, fit: 'fill' })
    .composite([{ input: grain, blend: 'hard-light' }])
    .jpeg({ quality: 90 })
    .toFile(file);
}
