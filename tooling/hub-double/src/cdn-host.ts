import type { IncomingMessage } from 'node:http';
import { type Answer, textAnswer } from './answer.js';
import { expiredAnswer } from './expired-answer.js';
import { fileAnswer } from './file-answer.js';
import type { SignedUrls } from './signed-urls.js';

/** What the CDN host answers: the bytes of large files, to whoever has a signed address. */
export async function cdnAnswer(request: IncomingMessage, urls: SignedUrls): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return textAnswer(405, 'Method Not Allowed', { Allow: 'GET, HEAD' });
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const file = urls.check(path, new URLSearchParams(query));
  if (file === undefined) return expiredAnswer();
  const sha256 = await file.sha256();
  return fileAnswer(file.content, request.headers, {
    // Storage has its own etags: a client that takes this one for the file's hash is caught.
    ETag: `"${sha256.slice(0, 32)}-1"`,
    'Cache-Control': 'public, max-age=31536000',
    'Last-Modified': 'Thu, 24 Apr 2025 00:00:00 GMT',
  });
}
