import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import { hubError } from './hub-error.js';
import { breakOff } from './leave-body.js';

/**
 * The content of a body that was compressed on the way, although no compression was asked for: mirrors do that. An error of
 * the body ends the content with the same error; ending the content early ends the body.
 *
 * @param encoding the `Content-Encoding` header; undefined: not compressed
 * @throws WebsslError `HUB_RESPONSE_INVALID` for an encoding that is not known
 */
export function decodeContent(body: Readable, encoding: string | undefined, url: URL): Readable {
  if (encoding === undefined) return body;
  const decoder = createDecoder(encoding);
  if (decoder === undefined) {
    breakOff(body);
    throw hubError(
      'HUB_RESPONSE_INVALID',
      `${url.host} sends content in the encoding '${encoding.slice(0, 40)}' although none was asked for; gzip, deflate and br are understood.`,
      { details: { host: url.host, encoding } },
    );
  }
  // Errors reach the reader through the decoder.
  decoder.on('error', () => {});
  return pipeline(body, decoder, () => {});
}

function createDecoder(encoding: string): Transform | undefined {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return createUnzip();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
}
