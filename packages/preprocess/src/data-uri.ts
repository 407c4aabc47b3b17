import { WebsslError } from '@webssl/backend';
import { checkBytes, type ImageLimits } from './image-limits.js';
import { allocate, breathe } from './slices.js';

/** Characters that are decoded before other work gets a turn: whole groups of four. */
const sliceLength = 1024 * 1024;

/**
 * The bytes of a `data:` URI (RFC 2397), base64 or percent-encoded. The media type is not looked at.
 *
 * @throws WebsslError IMAGE_INPUT_INVALID, IMAGE_TOO_LARGE
 */
export async function decodeDataUri(uri: string, limits: ImageLimits): Promise<Uint8Array<ArrayBuffer>> {
  const comma = uri.indexOf(',');
  if (comma === -1) throw invalid('it has no comma before its data');
  const isBase64 = /;\s*base64\s*$/i.test(uri.slice(0, comma));
  const length = uri.length - comma - 1;
  checkBytes(isBase64 ? Math.floor((length * 3) / 4) - 2 : Math.ceil(length / 3), limits);
  if (!isBase64) return decodePercent(uri.slice(comma + 1));
  const bytes = allocate(Math.ceil(length / 4) * 3);
  let written = 0;
  for (let from = comma + 1; from < uri.length; from += sliceLength) {
    const slice = uri.slice(from, from + sliceLength);
    const last = from + sliceLength >= uri.length;
    if (!(last ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9+/]*$/).test(slice)) {
      throw invalid('its data is not base64');
    }
    written += Buffer.from(bytes.buffer).write(slice, written, 'base64');
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
