import { STATUS_CODES } from 'node:http';
import { type Answer, type AnswerHeaders, redirectAnswer, textAnswer } from './answer.js';
import { expiredAnswer } from './expired-answer.js';
import type { Fault } from './fault.js';
import { refusedRange } from './file-answer.js';

/** Compressing is for small files and listings only: it happens in memory. */
const largestCompressedBytes = 16 * 1024 * 1024;

/** Whether this answer can show the fault: a drop after 1000 bytes, for example, needs a body of more. */
export function canShow(fault: Fault, answer: Answer, host: 'hub' | 'cdn', method: string): boolean {
  const isContent = answer.status === 200 || answer.status === 206;
  const { start, end, content } = answer.body;
  const bodyBytes = isContent && method !== 'HEAD' ? end - start : 0;
  switch (fault.kind) {
    case 'drop':
    case 'stall':
      return bodyBytes > fault.afterBytes;
    case 'truncate':
      return bodyBytes >= fault.bytes;
    case 'alter':
      return bodyBytes > 0 && fault.offset >= start && fault.offset < end;
    case 'slow':
      return bodyBytes > 0;
    case 'chunked':
      return isContent;
    case 'gzip':
      return isContent && content.bytes > 0 && content.bytes <= largestCompressedBytes;
    case 'ignoreRange':
    case 'refuseRange':
      return answer.status === 206;
    case 'expiredUrl':
      return host === 'cdn';
    default:
      return true;
  }
}

/** The answer as the fault makes it. */
export function applyFault(fault: Fault, answer: Answer): Answer {
  const { body, delivery } = answer;
  switch (fault.kind) {
    case 'disconnect':
      return { ...answer, delivery: { ...delivery, disconnect: true } };
    case 'drop':
      return { ...answer, delivery: { ...delivery, dropAfterBytes: fault.afterBytes } };
    case 'stall':
      return { ...answer, delivery: { ...delivery, stallAfterBytes: fault.afterBytes } };
    case 'delay':
      return { ...answer, delivery: { ...delivery, delayMilliseconds: fault.milliseconds } };
    case 'status':
      return textAnswer(fault.status, fault.body ?? STATUS_CODES[fault.status] ?? '', fault.headers);
    case 'truncate':
      return {
        ...answer,
        body: { ...body, end: body.end - fault.bytes },
        delivery: { ...delivery, chunked: fault.framing !== 'content-length' },
      };
    case 'alter':
      return {
        ...answer,
        delivery: { ...delivery, altered: { offset: fault.offset, mask: fault.mask ?? 0xff } },
      };
    case 'withoutHeaders':
      return withoutHeaders(answer, fault.names);
    case 'chunked':
      return { ...answer, delivery: { ...delivery, chunked: true } };
    case 'gzip':
      return compressed(answer);
    case 'ignoreRange':
      return whole(answer);
    case 'refuseRange':
      return refusedRange(body.content.bytes, without(answer.headers, ['Content-Range', 'Content-Type']));
    case 'redirect':
      return redirectAnswer(fault.status, fault.location);
    case 'expiredUrl':
      return expiredAnswer();
    case 'slow':
      return { ...answer, delivery: { ...delivery, bytesPerSecond: fault.bytesPerSecond } };
  }
}

function withoutHeaders(answer: Answer, names: readonly string[]): Answer {
  const hidesLength = names.some((name) => name.toLowerCase() === 'content-length');
  return {
    ...answer,
    headers: without(answer.headers, names),
    delivery: hidesLength ? { ...answer.delivery, chunked: true } : answer.delivery,
  };
}

function without(headers: AnswerHeaders, names: readonly string[]): AnswerHeaders {
  const left = new Set(names.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.has(name.toLowerCase())));
}

function whole(answer: Answer): Answer {
  if (answer.status !== 206) return answer;
  const { content } = answer.body;
  return {
    ...answer,
    status: 200,
    headers: without(answer.headers, ['Content-Range', 'Accept-Ranges']),
    body: { content, start: 0, end: content.bytes },
  };
}

function compressed(answer: Answer): Answer {
  const all = whole(answer);
  const etag = all.headers['ETag'];
  return {
    ...all,
    headers: {
      ...without(all.headers, ['Accept-Ranges']),
      'Content-Encoding': 'gzip',
      ...(etag === undefined || etag.startsWith('W/') ? {} : { ETag: `W/${etag}` }),
    },
    delivery: { ...all.delivery, gzip: true, chunked: true },
  };
}
