import { type Content, memoryContent } from './content.js';

export type AnswerHeaders = Readonly<Record<string, string>>;

/** What a host answers, before it is sent. */
export interface Answer {
  readonly status: number;
  /** Without `Content-Length`: it follows from the body. */
  readonly headers: AnswerHeaders;
  readonly body: AnswerBody;
  readonly delivery: Delivery;
}

/** A part of some content: all of it, unless the status is 206. */
export interface AnswerBody {
  readonly content: Content;
  readonly start: number;
  readonly end: number;
}

/** How an answer is sent; nothing set is the plain way. */
export interface Delivery {
  readonly delayMilliseconds?: number;
  readonly disconnect?: boolean;
  readonly chunked?: boolean;
  readonly gzip?: boolean;
  readonly dropAfterBytes?: number;
  readonly stallAfterBytes?: number;
  readonly bytesPerSecond?: number;
  readonly altered?: { readonly offset: number; readonly mask: number };
}

export function textAnswer(
  status: number,
  text: string,
  headers: AnswerHeaders = {},
  type = 'text/plain; charset=utf-8',
): Answer {
  const content = memoryContent(text);
  return {
    status,
    headers: { 'Content-Type': type, ...headers },
    body: { content, start: 0, end: content.bytes },
    delivery: {},
  };
}

export function jsonAnswer(value: unknown, headers: AnswerHeaders = {}): Answer {
  return textAnswer(200, JSON.stringify(value), headers, 'application/json; charset=utf-8');
}

export function redirectAnswer(status: number, location: string, headers: AnswerHeaders = {}): Answer {
  return textAnswer(status, `Redirecting to ${location}`, { ...headers, Location: location });
}
