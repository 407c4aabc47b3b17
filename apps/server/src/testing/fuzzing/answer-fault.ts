import { z } from 'zod';
import type { RawAnswer } from '../raw-http.js';

/** Every status that the server's document and README name; 304 is that of files of the page. */
const documented = new Set([
  200, 304, 400, 401, 403, 404, 405, 406, 408, 413, 415, 417, 421, 422, 429, 431, 503, 504,
]);
const longestMessage = 2000;

const problem = z.strictObject({
  message: z.string().min(1).max(longestMessage),
  type: z.enum(['invalid_request_error', 'authentication_error', 'rate_limit_error', 'server_error']),
  param: z.string().max(longestMessage).nullable(),
  code: z
    .string()
    .regex(/^[A-Z][A-Z_]+$/)
    .refine((code) => code !== 'UNEXPECTED'),
});

/** One error for the whole request; or, where all of its images failed, one for each. */
const errorBody = z.union([
  z.strictObject({ error: problem }),
  z.object({ results: z.array(z.object({ error: problem.extend({ status: z.number() }) })).min(2) }),
]);

/** With the errors in its metadata, where all images failed. */
const safetensors = 'application/vnd.safetensors';

/** What is wrong with an answer to a request that nobody should have sent; nothing where it is as it should be. */
export function answerFault({ status, headers, body }: RawAnswer, isHead: boolean): string | undefined {
  const seen = `${status} ${body.toString('latin1', 0, 400)}`;
  if (!documented.has(status)) return `a status that is not documented: ${seen}`;
  if (isHead || status < 400 || headers.get('content-type') === safetensors) return undefined;
  if (!headers.get('content-type')?.startsWith('application/json'))
    return `an error that is no JSON: ${seen}`;
  try {
    const { success, error } = errorBody.safeParse(JSON.parse(body.toString()));
    return success ? undefined : `not our error body (${error.issues[0]?.message}): ${seen}`;
  } catch {
    return `not JSON: ${seen}`;
  }
}
