import type { WebsslError } from '@webssl/backend';
import { requestInvalid } from './request-error.js';

/** Where the bytes of an image are. Never a path: no request can name a file of the server. */
export type ImageSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Begins with `data:`. */
  | { readonly kind: 'data-uri'; readonly uri: string }
  /** Not looked at yet. */
  | { readonly kind: 'base64'; readonly text: string }
  | { readonly kind: 'url'; readonly url: string }
  /** Refused before it was read. */
  | { readonly kind: 'refused'; readonly error: WebsslError };

/** One image of a request. */
export interface RequestedImage {
  readonly source: ImageSource;
  /** Which part of the request it is, for errors: `images[3]`. */
  readonly param: string;
  /** The file name that a form gave it. */
  readonly name?: string;
}

/** A word with a colon alone is text. */
const url = /^[a-z][a-z0-9+.-]{0,31}:\/\//i;

/**
 * Reads a string as an image: a data URI, a URL, else base64.
 *
 * @throws WebsslError `REQUEST_INVALID` for an empty one
 */
export function imageSourceOf(text: string, param: string): ImageSource {
  if (text === '') throw requestInvalid(`${param} is empty. Send a data URI or base64.`, param);
  if (/^data:/i.test(text)) return { kind: 'data-uri', uri: `data:${text.slice('data:'.length)}` };
  return url.test(text) ? { kind: 'url', url: text } : { kind: 'base64', text };
}
