import { z } from 'zod';

/** Every error, in the form of the OpenAI API. */
export const errorAnswerSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum(['invalid_request_error', 'authentication_error', 'rate_limit_error', 'server_error']),
    param: z.string().nullable().describe('Which part of the request is meant, such as input[3]'),
    code: z.string().describe('Stable; for programs'),
  }),
});

const tensor = z.object({ dims: z.array(z.number().int()), data: z.array(z.number()) });

const imageAnswer = {
  index: z.number().int().describe('Place of the image in the request'),
  name: z.string().optional().describe('File name that a form gave it'),
};

/** One image of `POST /v1/features`: its features, or the error in their place. */
const imageResult = z.union([
  z.object({ ...imageAnswer, features: z.record(z.string(), tensor) }),
  z.object({
    ...imageAnswer,
    error: errorAnswerSchema.shape.error.extend({ status: z.number().int() }),
  }),
]);

/** JSON answer of `POST /v1/features`. */
export const featuresAnswer = z.object({
  model: z.string(),
  synthetic: z
    .boolean()
    .describe('Whether the weights are random numbers, so that the features mean nothing'),
  results: z.array(imageResult).describe('One entry an image, in the order of the request'),
});

/** Answer of `GET /v1/models`. */
export const modelsAnswer = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      id: z.string(),
      object: z.literal('model'),
      created: z.number().int().describe('When the server was started, in seconds'),
      owned_by: z.string(),
    }),
  ),
});
