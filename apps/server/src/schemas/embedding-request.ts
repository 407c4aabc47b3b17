import { z } from 'zod';
import { imageItems } from './feature-request.js';

/** Body of `POST /v1/embeddings`, as the OpenAI API has it. Members that are not known are left alone, as there. */
export const embeddingsBody = z.object({
  input: imageItems.describe('One image or a list: data URIs or base64. Text has no meaning to these models'),
  model: z.string().max(1024).optional().describe('Id of the served model, as GET /v1/models names it'),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: z.unknown().optional().describe('Refused: features are not made to be cut'),
  user: z.unknown().optional().describe('Ignored'),
});

/** Answer of `POST /v1/embeddings`. */
export const embeddingsAnswerSchema = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.number().int(),
      embedding: z
        .union([z.array(z.number()), z.string()])
        .describe('Numbers, or base64 of little-endian float32'),
    }),
  ),
  model: z.string(),
  usage: z
    .object({ prompt_tokens: z.number().int(), total_tokens: z.number().int() })
    .describe('Tokens that the model computed: one for CLS and one a patch'),
  synthetic: z.boolean().optional().describe('Present and true where the weights are random numbers'),
});

export type EmbeddingsBody = z.output<typeof embeddingsBody>;
