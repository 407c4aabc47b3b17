import { WebsslError } from '@webssl/backend';
import type { Features, ImageReservation } from '@webssl/encoder';
import type { RequestedImage } from './image-source.js';
import { notAnImage } from './not-an-image.js';
import type { RequestScope } from './request-scope.js';

/** One image of a request: its features, or the error in their place. */
export type ImageOutcome = { readonly image: RequestedImage; readonly index: number } & (
  | { readonly features: Features }
  | { readonly error: unknown }
);

export interface ComputeOptions {
  readonly features: readonly string[];
  readonly normalize: boolean;
  /** Fetches an image by its URL; always throws where that is off. */
  readonly fetchImage: (url: string) => Promise<Uint8Array>;
}

/**
 * Has the images of a request computed, all at once.
 *
 * @param places as many as there are images
 * @returns what becomes of each, in the order of the request; none rejects
 */
export function computeImages(
  scope: RequestScope,
  places: Pick<ImageReservation, 'encode'>,
  images: readonly RequestedImage[],
  options: ComputeOptions,
): readonly Promise<ImageOutcome>[] {
  return images.map(async (image, index) => {
    try {
      return { image, index, features: await computeImage(scope, places, image, options) };
    } catch (error) {
      return { image, index, error: image.source.kind === 'base64' ? notAnImage(error) : error };
    }
  });
}

async function computeImage(
  scope: RequestScope,
  places: Pick<ImageReservation, 'encode'>,
  { source }: RequestedImage,
  { features: names, normalize, fetchImage }: ComputeOptions,
): Promise<Features> {
  const input = await bytesOf();
  const features: Features = await places.encode(input, {
    features: names,
    normalize,
    signal: scope.signal,
    deadline: scope.deadline,
  });
  for (const [name, { data }] of Object.entries(features)) {
    if (!areFinite(data)) throw notFinite(name);
  }
  return features;

  async function bytesOf(): Promise<Uint8Array | string> {
    switch (source.kind) {
      case 'bytes':
        return source.bytes;
      case 'data-uri':
        return source.uri;
      case 'base64':
        return `data:;base64,${source.text}`;
      case 'refused':
        throw source.error;
      case 'url': {
        const bytes = await fetchImage(source.url);
        scope.holdBytes(bytes.length);
        return bytes;
      }
    }
  }
}

/** Zero times a number is zero, unless it is infinite or none; several times as fast as asking each. */
function areFinite(data: Float32Array): boolean {
  let sum = 0;
  for (const value of data) sum += value * 0;
  return sum === 0;
}

/** The numbers of a device that computes wrong must not pass for features. */
function notFinite(name: string): WebsslError {
  return new WebsslError({
    code: 'FEATURES_NOT_FINITE',
    message: `The device computed ${name} with numbers that are not finite.`,
    details: { name },
  });
}
