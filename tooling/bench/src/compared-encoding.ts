import type { Encoder } from '@webssl/encoder';

const features = ['cls'] as const;

/** The CLS feature of each image, computed one by one. */
export async function encodeAlone(
  encoder: Pick<Encoder, 'encode'>,
  images: readonly Buffer[],
): Promise<Float32Array[]> {
  const alone: Float32Array[] = [];
  for (const image of images) alone.push((await encoder.encode(image, { features })).cls.data);
  return alone;
}

/**
 * Encodes images with `encodeAll`, each again and again, and goes on only while every one has bit for bit the features that it has alone:
 * a rate with mixed up images would be worth nothing.
 *
 * @param images the n-th of them is number n of the different ones, counted around
 * @param alone of the different images, from {@link encodeAlone}
 * @yields once for each result, when it is there
 */
export async function* encodeCompared(
  encoder: Pick<Encoder, 'encodeAll'>,
  images: Iterable<Buffer>,
  alone: readonly Float32Array[],
): AsyncGenerator<void, void, undefined> {
  const expected = alone.map(bytesOf);
  for await (const result of encoder.encodeAll(images, { features })) {
    if ('error' in result) throw result.error;
    if (expected[result.index % expected.length]?.equals(bytesOf(result.features.cls.data)) !== true)
      throw new Error(`image ${result.index} has other features than alone`);
    yield;
  }
}

/** Numbers may be equal and yet differ, such as 0 and -0; bytes may not. */
function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
