import { z } from 'zod';

const imageText = z.string().describe('A data URI, base64, or a URL where the server fetches from its host');

/** One image in JSON. */
const imageItem = z
  .union([imageText, z.strictObject({ image: imageText })])
  .describe('An image: a string, or an object with the string as `image`');

/** One image in JSON or a list of them. */
export const imageItems = z.union([imageItem, z.array(imageItem)], {
  error: ({ input }) =>
    input === undefined
      ? 'it is missing. Send an image or a list of images, as base64 or data URIs.'
      : 'an image is a string (base64 or a data URI) or an object with the string as image. This model takes no text and no tokens.',
});

/** Names of features in one request. */
export const mostFeatures = 64;

/** `features`, separated by commas in a query or form, as a list in JSON. */
const featureNames = z
  .array(z.string().min(1).max(64))
  .min(1)
  .max(mostFeatures)
  .describe('cls, mean, patches, last_hidden_state, hidden_states.<k>, attentions.<k>. Default: cls');

/** JSON body of `POST /v1/features`. */
export const featuresBody = z.strictObject({
  images: imageItems.describe('One image or a list'),
  features: featureNames.optional(),
  normalize: z.boolean().optional().describe('Divide each feature vector by its L2 norm'),
});

/** Query of `POST /v1/features`; fields of a form mean the same. */
export const featuresQuery = z.strictObject({
  features: z
    .string()
    .max(4096)
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(featureNames)
    .optional(),
  normalize: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('Divide each feature vector by its L2 norm'),
});

export type FeaturesBody = z.output<typeof featuresBody>;
export type FeaturesQuery = z.output<typeof featuresQuery>;
