import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, type AnswerHeaders, textAnswer } from './answer.js';
import type { Content } from './content.js';

/**
 * The whole of a file or the range that was asked (RFC 9110, section 14): 200, 206 or 416. Several ranges at once, and
 * a range whose `If-Range` is not the etag, are answered with the whole file.
 */
export function fileAnswer(
  content: Content,
  { range, 'if-range': condition }: IncomingHttpHeaders,
  headers: AnswerHeaders,
): Answer {
  const all = { 'Accept-Ranges': 'bytes', 'Content-Type': 'application/octet-stream', ...headers };
  const whole = { content, start: 0, end: content.bytes };
  const asked = typeof range === 'string' ? /^bytes=(\d*)-(\d*)$/.exec(range.trim()) : null;
  const isCurrent = condition === undefined || condition === headers['ETag'];
  if (asked === null || asked[0] === 'bytes=-' || !isCurrent)
    return { status: 200, headers: all, body: whole, delivery: {} };

  const [, first = '', last = ''] = asked;
  if (first !== '' && last !== '' && Number(last) < Number(first))
    return { status: 200, headers: all, body: whole, delivery: {} };
  const start = first === '' ? Math.max(0, content.bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? content.bytes : Math.min(content.bytes, Number(last) + 1);
  if (start >= end) return refusedRange(content.bytes, headers);
  return {
    status: 206,
    headers: { ...all, 'Content-Range': `bytes ${start}-${end - 1}/${content.bytes}` },
    body: { content, start, end },
    delivery: {},
  };
}

export function refusedRange(bytes: number, headers: AnswerHeaders): Answer {
  return textAnswer(416, 'Range Not Satisfiable', { ...headers, 'Content-Range': `bytes */${bytes}` });
}
