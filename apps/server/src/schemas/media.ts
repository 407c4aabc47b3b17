import { z } from 'zod';

/** Bytes of an encoded image or of features. */
export const binary = z.unknown().meta({ type: 'string', format: 'binary' });

/** A form whose files are images. */
export const form = z.unknown().meta({
  type: 'object',
  description: 'Every file is an image; the fields features and normalize mean what they do in the query',
});

/** The bodies that a route takes, by media type, as Fastify and the OpenAPI document want them. */
export function bodies(schemas: Readonly<Record<string, z.ZodType>>) {
  return {
    content: Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }])),
  };
}

/** Headers of requests that compute. */
export const computingHeaders = z.looseObject({
  'request-timeout': z
    .string()
    .optional()
    .describe(
      'Seconds after which the answer is of no use any more; the limit of the server counts if it is less',
    ),
});
