import { WebsslError } from '@webssl/backend';
import { checkBytes, type ImageLimits } from './image-limits.js';
import { allocate, breathe } from './slices.js';

/** Characters that are decoded before other work gets a turn. */
const sliceLength = 1024 * 1024;

/** Many programs write base64 in lines (RFC 2045, 6.8). Spaces are not taken: words would be base64 then, and text has to be told from images. */
const lineBreaks = /[\n\r]+/g;

/**
 * The bytes of a `data:` URI (RFC 2397), percent-encoded or base64, which may be in lines. The media type is not looked at.
 *
 * @throws WebsslError IMAGE_INPUT_INVALID, IMAGE_TOO_LARGE
 */
export async function decodeDataUri(uri: string, limits: ImageLimits): Promise<Uint8Array<ArrayBuffer>> {
  const comma = uri.indexOf(',');
  if (comma === -1) throw invalid('it has no comma before its data');
  const isBase64 = /;\s*base64\s*$/i.test(uri.slice(0, comma));
  const data = uri.slice(comma + 1);
  checkBytes(isBase64 ? Math.floor((data.length * 3) / 4) - 2 : Math.ceil(data.length / 3), limits);
  return isBase64 ? decodeBase64(data.trimEnd()) : decodePercent(data);
}

async function decodeBase64(data: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = allocate(Math.ceil(data.length / 4) * 3);
  let written = 0;
  let rest = '';
  for (let from = 0; from < data.length; from += sliceLength) {
    const slice = rest + data.slice(from, from + sliceLength).replace(lineBreaks, '');
    const isLast = from + sliceLength >= data.length;
    if (!(isLast ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9+/]*$/).test(slice)) {
      throw invalid('its data is not base64');
    }
    // Four characters are three bytes: what is left over belongs to the next slice.
    const end = isLast ? slice.length : slice.length - (slice.length % 4);
    written += Buffer.from(bytes.buffer).write(slice.slice(0, end), written, 'base64');
    rest = slice.slice(end);
    await breathe();
  }
  return bytes.subarray(0, written);
}

function decodePercent(data: string): Uint8Array<ArrayBuffer> {
  if (/%(?![0-9a-fA-F]{2})/.test(data)) throw invalid('it has a % without two digits');
  const latin1 = data.replace(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Uint8Array.from(latin1, (character) => character.charCodeAt(0));
}

function invalid(problem: string): WebsslError {
  return new WebsslError({
    code: 'IMAGE_INPUT_INVALID',
    message: `The data: URI is damaged: ${problem}. It should look like data:image/jpeg;base64,/9j/4AAQ...`,
  });
}
