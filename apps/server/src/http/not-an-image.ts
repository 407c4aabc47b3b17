import { WebsslError } from '@webssl/backend';

/**
 * The error of a string that was taken for an image in base64: clients of text embeddings send text, and an error about
 * base64 alone would not tell them why that cannot work.
 */
export function notAnImage(error: unknown): unknown {
  if (!WebsslError.isInstance(error)) return error;
  const { code, details, message } = error;
  if (code === 'IMAGE_INPUT_INVALID') {
    return new WebsslError({
      code,
      message: `This is neither base64 nor a data URI. ${advice}`,
      details,
      cause: error,
    });
  }
  if (code !== 'IMAGE_FORMAT_UNSUPPORTED') return error;
  return new WebsslError({ code, message: `${message} ${advice}`, details, cause: error });
}

const advice = 'This model takes images, not text: a string has to be an image file in base64.';
