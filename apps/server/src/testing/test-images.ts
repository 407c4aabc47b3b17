import { readFileSync } from 'node:fs';
import { goldenImage } from '@webssl-tooling/fixtures';

/** Bytes of a photograph or another image of the golden set. */
export function imageBytes(name: string): Buffer {
  return readFileSync(goldenImage(name));
}

/** As OpenAI clients send it. */
export function dataUri(bytes: Buffer): string {
  return `data:image/jpeg;base64,${bytes.toString('base64')}`;
}

/** A JPEG that ends in the middle. */
export function truncatedImage(): Buffer {
  return imageBytes('rocket.jpg').subarray(0, 3000);
}
