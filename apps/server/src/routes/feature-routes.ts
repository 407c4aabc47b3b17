import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  errorList,
  jsonAnswer,
  ndjsonAnswer,
  npyAnswer,
  type Provenance,
  requireOneFeature,
  safetensorsAnswer,
} from '../formats/feature-answer.js';
import { type FeatureFormat, formats, negotiateFormat } from '../formats/feature-format.js';
import type { ImageOutcome } from '../http/compute-images.js';
import { errorAnswer } from '../http/error-answer.js';
import { ParamError } from '../http/param-error.js';
import { readFeatureRequest } from '../http/read-feature-request.js';
import { checkFeatures } from '../http/requested-features.js';
import type { ServerParts } from '../http/server-parts.js';
import { featuresAnswer } from '../schemas/answers.js';
import { featuresBody, featuresQuery } from '../schemas/feature-request.js';
import { binary, bodies, computingHeaders, form } from '../schemas/media.js';
import { computingRefusals } from '../schemas/responses.js';
import { startImages } from './start-images.js';

/** `POST /v1/features`: any features of any number of images, in the form that the client accepts. */
export function addFeatureRoutes(app: FastifyInstance, parts: ServerParts): void {
  app.post(
    '/v1/features',
    {
      schema: {
        summary: 'Features of images',
        description:
          'One image as the body, several in a form, or JSON. The Accept header chooses the form of the answer. Of several images each has its own result or error: in JSON and NDJSON in its place, in safetensors in the metadata, in npy as a row of NaN; x-webssl-errors lists them. NDJSON gives each as soon as it and those before it are computed. Where all images failed the status is that of the first.',
        tags: ['features'],
        querystring: featuresQuery,
        headers: computingHeaders,
        body: bodies({
          'application/json': featuresBody,
          'multipart/form-data': form,
          'image/*': binary,
          'application/octet-stream': binary,
        }),
        response: {
          200: {
            description: 'Features of every image, or the error in their place',
            content: {
              'application/json': { schema: featuresAnswer },
              ...Object.fromEntries(
                [formats.ndjson[0], formats.npy[0], formats.safetensors[0]].map((type) => [
                  type,
                  { schema: binary },
                ]),
              ),
            },
          },
          ...computingRefusals(parts.settings.limits, 406),
        },
      },
    },
    (request, reply) => answerFeatures(request, reply, parts),
  );
}

async function answerFeatures(request: FastifyRequest, reply: FastifyReply, parts: ServerParts) {
  const { settings, encoder } = parts;
  const format = negotiateFormat(request.headers.accept);
  const wanted = readFeatureRequest(request);
  const features = checkFeatures(wanted.features ?? [settings.feature], {
    layers: encoder.info.model.layers,
    ...(settings.servedFeatures === undefined ? {} : { only: settings.servedFeatures }),
  });
  if (format === 'npy') requireOneFeature(features);
  const normalize = wanted.normalize ?? settings.normalize;
  const outcomes = startImages(request, wanted.images, { features, normalize }, parts);
  const provenance = { model: settings.modelName, synthetic: encoder.info.model.synthetic };
  await sendOutcomes(reply, outcomes, format, provenance);
  return reply;
}

async function sendOutcomes(
  reply: FastifyReply,
  pending: readonly Promise<ImageOutcome>[],
  format: FeatureFormat,
  provenance: Provenance,
): Promise<void> {
  const isSingle = pending.length === 1;
  const lines = () => Readable.from(ndjsonAnswer(pending, provenance));
  reply.type(formats[format][0]);
  if (format === 'ndjson' && !isSingle) {
    await reply.send(lines());
    return;
  }
  const outcomes = await Promise.all(pending);
  tellOfFailures(reply, outcomes, format);
  if (format === 'ndjson') await reply.send(lines());
  else if (format === 'json') await reply.send(Readable.from(jsonAnswer(outcomes, provenance)));
  else if (format === 'npy') await sendWhole(reply, npyAnswer(outcomes));
  else await sendWhole(reply, safetensorsAnswer(outcomes, provenance, isSingle));
}

/** @throws ParamError where no image is good and the answer has no place for errors */
function tellOfFailures(reply: FastifyReply, outcomes: readonly ImageOutcome[], format: FeatureFormat): void {
  const failed = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome] : []));
  const [first] = failed;
  if (first === undefined) return;
  if (failed.length === outcomes.length) {
    if (outcomes.length === 1 || format === 'npy') throw new ParamError(first.error, first.image.param);
    const { status, retryAfterSeconds } = errorAnswer(first.error);
    reply.code(status);
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  }
  reply.header('x-webssl-errors', errorList(outcomes));
}

async function sendWhole(reply: FastifyReply, chunks: readonly Uint8Array[]): Promise<void> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  await reply.header('content-length', length).send(Readable.from(chunks));
}
