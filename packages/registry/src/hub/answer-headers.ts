import type { IncomingHttpHeaders } from 'node:http';

/** Names in lower case. */
export type AnswerHeaders = Readonly<IncomingHttpHeaders>;

/** A header's value, or values with commas between them; undefined where it is missing or empty. */
export function headerOf(headers: AnswerHeaders, name: string): string | undefined {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(', ') : value)?.trim() || undefined;
}

/** A header that is a whole number. */
export function wholeNumberOf(headers: AnswerHeaders, name: string): number | undefined {
  return parseWholeNumber(headerOf(headers, name));
}

export function parseWholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Length of the content, where the answer tells it: that of compressed content says nothing about the content. */
export function contentLengthOf(headers: AnswerHeaders): number | undefined {
  return contentEncodingOf(headers) === undefined ? wholeNumberOf(headers, 'content-length') : undefined;
}

/** How the content is compressed; undefined: not at all. */
export function contentEncodingOf(headers: AnswerHeaders): string | undefined {
  const encoding = headerOf(headers, 'content-encoding')?.toLowerCase();
  return encoding === 'identity' ? undefined : encoding;
}
