import { type Answer, type AnswerHeaders, textAnswer } from './answer.js';

/** An error as the hub words it: a code and a message in headers, and the message in the body (JSON under `/api`). */
export function hubError(
  status: number,
  code: string | undefined,
  message: string,
  { api = false, headers = {} }: { api?: boolean; headers?: AnswerHeaders } = {},
): Answer {
  const all = {
    ...headers,
    ...(code === undefined ? {} : { 'X-Error-Code': code }),
    'X-Error-Message': message,
  };
  return api
    ? textAnswer(status, JSON.stringify({ error: message }), all, 'application/json; charset=utf-8')
    : textAnswer(status, message, all);
}
