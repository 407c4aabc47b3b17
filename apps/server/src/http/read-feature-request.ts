import type { FastifyRequest } from 'fastify';
import { type FeaturesBody, type FeaturesQuery, featuresQuery } from '../schemas/feature-request.js';
import { imageSourceOf, type RequestedImage } from './image-source.js';
import type { Form } from './read-form.js';
import { requestInvalid } from './request-error.js';
import { issueProblem } from './schema-problem.js';

/** What a request to `/v1/features` asks for, however it says so. */
export interface FeatureRequest {
  readonly images: readonly RequestedImage[];
  readonly features?: readonly string[] | undefined;
  readonly normalize?: boolean | undefined;
}

/** A body as the content type parsers hand it on. */
type FeatureRequestBody = Buffer | Form | FeaturesBody | undefined;

/**
 * Reads body and query together: what both say, the body decides.
 *
 * @throws WebsslError `REQUEST_INVALID`
 */
export function readFeatureRequest(request: FastifyRequest): FeatureRequest {
  const query = request.query as FeaturesQuery;
  const body = request.body as FeatureRequestBody;
  if (body === undefined || body === null) throw requestInvalid('The request has no body. Send an image.');
  if (Buffer.isBuffer(body)) {
    return { ...query, images: [{ source: { kind: 'bytes', bytes: body }, param: 'body' }] };
  }
  if (isForm(body)) return { ...query, ...settingsOf(body), images: imagesOfForm(body) };
  const { images, ...settings } = body;
  return { ...query, ...settings, images: imagesOfJson(images, 'images') };
}

/** The images of a JSON member that is one image or a list. */
export function imagesOfJson(images: FeaturesBody['images'], param: string): readonly RequestedImage[] {
  if (!Array.isArray(images)) return [imageOf(images, param)];
  return images.map((item, index) => imageOf(item, `${param}[${index}]`));
}

function imageOf(item: string | { readonly image: string }, param: string): RequestedImage {
  return { source: imageSourceOf(typeof item === 'string' ? item : item.image, param), param };
}

function imagesOfForm({ files }: Form): readonly RequestedImage[] {
  return files.map(({ name, content }, index) => ({
    source:
      'bytes' in content
        ? { kind: 'bytes', bytes: content.bytes }
        : { kind: 'refused', error: content.error },
    param: `files[${index}]`,
    name,
  }));
}

function settingsOf({ fields }: Form): FeaturesQuery {
  const parsed = featuresQuery.safeParse(Object.fromEntries(fields));
  if (parsed.success) return parsed.data;
  throw issueProblem(parsed.error.issues[0]);
}

function isForm(body: FeatureRequestBody): body is Form {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'form';
}
