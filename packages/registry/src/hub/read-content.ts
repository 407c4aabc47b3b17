import { contentEncodingOf } from './answer-headers.js';
import { decodeContent } from './decode-content.js';
import { hubError } from './hub-error.js';
import type { HubAnswer } from './hub-requests.js';

/**
 * The whole content of an answer.
 * @throws WebsslError `HUB_RESPONSE_INVALID` where it is longer than `mostBytes`, or compressed in an unknown way; the
 * stream's own error where it breaks off
 */
export async function readContent({ body, headers, url }: HubAnswer, mostBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of decodeContent(body, contentEncodingOf(headers), url)) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      throw hubError(
        'HUB_RESPONSE_INVALID',
        `${url.origin}${url.pathname} is longer than ${mostBytes} bytes, too long for what it should be.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
