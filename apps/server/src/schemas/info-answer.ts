import { z } from 'zod';
import { limitNames } from '../limits/server-limits.js';

const size = z.object({ height: z.number().int(), width: z.number().int() });

/** Answer of `GET /info`. */
export const infoAnswer = z.object({
  version: z.string(),
  model: z.object({
    id: z.string(),
    revision: z.string().optional(),
    synthetic: z.boolean(),
    architecture: z.string(),
    layers: z.number().int(),
    heads: z.number().int(),
    width: z.number().int(),
    patchSize: z.number().int(),
    weightType: z.string(),
    weightBytes: z.number(),
  }),
  image: z.object({
    size: size.describe('What every image becomes, in pixels'),
    processor: z.unknown().describe('The model’s own processing'),
    exif: z.enum(['ignore', 'apply']),
    resize: z.enum(['exact', 'fast']),
  }),
  features: z.object({
    default: z.string(),
    normalize: z.boolean(),
    served: z.array(z.string()).optional().describe('Absent: all that the model has'),
  }),
  devices: z
    .array(
      z.object({
        backend: z.string(),
        name: z.string(),
        precision: z.string(),
        library: z.string(),
        isolation: z.string(),
        index: z.number().int().optional(),
        state: z.enum(['good', 'lost', 'retired']),
      }),
    )
    .describe('What really executes'),
  queue: z.object({
    waiting: z.number().int(),
    preparing: z.number().int(),
    prepared: z.number().int(),
    running: z.number().int(),
    bytes: z.number().int(),
    imagesPerSecond: z.number().optional(),
  }),
  limits: z.array(
    z.object({
      name: z.enum(limitNames as [string, ...string[]]),
      value: z.number(),
      unit: z.string(),
      meaning: z.string(),
      status: z
        .number()
        .int()
        .optional()
        .describe('What a request that passes the limit is answered with; absent where it is not answered'),
      flag: z.string(),
    }),
  ),
  authentication: z.boolean().describe('Whether requests need an API key'),
  imagesPerMinute: z.number().optional().describe('Of each client whose key does not say otherwise'),
  urls: z.boolean().describe('Whether images are fetched by URL'),
});
