import { WebsslError } from '@webssl/backend';
import type { FastifyRequest } from 'fastify';
import { computeImages, type ImageOutcome } from '../http/compute-images.js';
import { errorAnswer } from '../http/error-answer.js';
import { fetchWithin } from '../http/fetch-within.js';
import { scopeOf } from '../http/hold-request.js';
import type { RequestedImage } from '../http/image-source.js';
import type { ServerParts } from '../http/server-parts.js';
import { urlsOff } from '../remote-images/remote-image-error.js';

export interface WantedFeatures {
  /** Checked. */
  readonly features: readonly string[];
  readonly normalize: boolean;
}

/**
 * Has the images of a request computed, on the account of its client.
 *
 * @returns what becomes of each, in the order of the request; none rejects
 * @throws WebsslError `REQUEST_INVALID` without an image, `TOO_MANY_IMAGES`, `QUEUE_FULL`, `RATE_LIMITED`
 */
export function startImages(
  request: FastifyRequest,
  images: readonly RequestedImage[],
  { features, normalize }: WantedFeatures,
  { rates, settings, metrics, remoteImages }: ServerParts,
): readonly Promise<ImageOutcome>[] {
  const scope = scopeOf(request);
  // Before the rate: what is refused here is not counted.
  const places = scope.holdImages(images.length);
  const imagesPerMinute = request.apiKey?.imagesPerMinute ?? settings.imagesPerMinute;
  if (imagesPerMinute !== undefined) rates.take(scope.client, images.length, imagesPerMinute);
  const outcomes = computeImages(scope, places, images, {
    features,
    normalize,
    fetchImage: async (url) => {
      if (remoteImages === undefined) throw urlsOff();
      return fetchWithin(scope, (signal) => remoteImages.fetch(url, signal));
    },
  });
  for (const pending of outcomes) {
    void pending.then((outcome) => {
      metrics.imageAnswered('error' in outcome ? codeOf(outcome.error) : 'ok');
      if ('error' in outcome && errorAnswer(outcome.error).isOurs) {
        request.log.error({ err: outcome.error, image: outcome.index }, 'an image could not be computed');
      }
    });
  }
  return outcomes;
}

function codeOf(error: unknown): string {
  return WebsslError.isInstance(error) ? error.code : 'UNEXPECTED';
}
