import { Readable } from 'node:stream';
import { type Tensor, WebsslError } from '@webssl/backend';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { embeddingsAnswer } from '../formats/embeddings-answer.js';
import { ParamError } from '../http/param-error.js';
import { imagesOfJson } from '../http/read-feature-request.js';
import { requestInvalid } from '../http/request-error.js';
import type { ServerParts } from '../http/server-parts.js';
import { type EmbeddingsBody, embeddingsAnswerSchema, embeddingsBody } from '../schemas/embedding-request.js';
import { bodies, computingHeaders } from '../schemas/media.js';
import { answered, computingRefusals } from '../schemas/responses.js';
import { startImages } from './start-images.js';

/** `POST /v1/embeddings`: one vector an image, as clients of the OpenAI API ask for it. */
export function addEmbeddingRoutes(app: FastifyInstance, parts: ServerParts): void {
  app.post(
    '/v1/embeddings',
    {
      schema: {
        summary: 'Embeddings of images, compatible with the OpenAI API',
        description: `The embedding is the ${parts.settings.feature} feature${parts.settings.normalize ? ', divided by its L2 norm' : ' as the model gives it'}.`,
        tags: ['features'],
        body: bodies({ 'application/json': embeddingsBody }),
        headers: computingHeaders,
        response: {
          200: answered('A vector for each image, in the order of the request', embeddingsAnswerSchema),
          ...computingRefusals(parts.settings.limits, 404),
        },
      },
    },
    (request, reply) => answerEmbeddings(request, reply, parts),
  );
}

async function answerEmbeddings(request: FastifyRequest, reply: FastifyReply, parts: ServerParts) {
  const { settings, encoder } = parts;
  const body = request.body as EmbeddingsBody | undefined;
  if (body === undefined) throw requestInvalid('The request has no body. Send JSON with input.');
  checkModel(body.model, parts);
  if (body.dimensions !== undefined && body.dimensions !== null) throw dimensionsUnsupported();
  const { feature, normalize } = settings;
  const pending = startImages(
    request,
    imagesOfJson(body.input, 'input'),
    { features: [feature], normalize },
    parts,
  );
  const vectors: Tensor[] = [];
  // The interface has no place for the error of a single image.
  for (const outcome of await Promise.all(pending)) {
    if ('error' in outcome) throw new ParamError(outcome.error, outcome.image.param);
    vectors.push(...Object.values<Tensor>(outcome.features));
  }
  const { model, size } = encoder.info;
  const tokens = vectors.length * (1 + (size.height * size.width) / model.patchSize ** 2);
  const answer = embeddingsAnswer(vectors, {
    model: settings.modelName,
    synthetic: model.synthetic,
    encoding: body.encoding_format,
    tokens,
  });
  return reply.type('application/json').send(Readable.from(answer));
}

function checkModel(asked: string | undefined, { settings, encoder }: ServerParts): void {
  if (asked === undefined || asked === settings.modelName || asked === encoder.info.model.id) return;
  throw new WebsslError({
    code: 'MODEL_NOT_SERVED',
    message: `This server has the model ${settings.modelName}, not ${JSON.stringify(asked.slice(0, 200))}.`,
    details: { param: 'model' },
  });
}

function dimensionsUnsupported(): WebsslError {
  return new WebsslError({
    code: 'DIMENSIONS_UNSUPPORTED',
    message:
      'These models were not trained so that the first numbers of a vector could stand for the whole: leave dimensions out.',
    details: { param: 'dimensions' },
  });
}
