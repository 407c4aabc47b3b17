import type { z } from 'zod';
import { describeLimits, type ServerLimits } from '../limits/server-limits.js';
import { errorAnswerSchema } from './answers.js';

/** Why requests are refused, by the status that says so. */
const refusalReasons = {
  400: 'The request or its body is not what it says it is',
  401: 'The API key is missing or not one of this server’s',
  403: 'The request comes from a web page of an origin that may not ask',
  404: 'This server has another model',
  406: 'None of the forms of the answer is accepted',
  408: 'The request took too long to arrive',
  413: 'The body, an image or the list of images is too large',
  415: 'The body or an image is of a type that is not taken',
  417: 'Expect asks for what is not known here',
  421: 'The request is for a host that this server does not answer for',
  422: 'A part of the request cannot be used; the message and param say which',
  429: 'The queue is full, or the client has sent more than its rate allows; Retry-After says when to try again',
  431: 'The head of the request is too long',
  500: 'A fault of the server; its log has the reason',
  503: 'The device cannot compute now, or the server is stopping; Retry-After says when to try again',
  504: 'The time that the request may take has passed',
} as const;

type Refusal = keyof typeof refusalReasons;

/** What any request can meet. */
const ofEveryRequest: readonly Refusal[] = [400, 403, 408, 417, 421, 431, 500];
const ofComputing: readonly Refusal[] = [401, 413, 415, 422, 429, 503, 504];

/** How a route answers, as Fastify and the OpenAPI document want it. */
export interface Responses {
  readonly [status: number]: {
    readonly description: string;
    readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
  };
}

/** One form of an answer. */
export function answered(
  description: string,
  schema: z.ZodType,
  type = 'application/json',
): Responses[number] {
  return { description, content: { [type]: { schema } } };
}

/** What a route that needs no key can refuse. */
export function openRefusals(): Responses {
  return refusals(ofEveryRequest);
}

/** What a route can refuse where keys are asked for. */
export function usualRefusals(): Responses {
  return refusals([...ofEveryRequest, 401]);
}

/** What a route that computes can refuse, with the limits that lead to each refusal. */
export function computingRefusals(limits: ServerLimits, own: 404 | 406): Responses {
  return refusals([...ofEveryRequest, ...ofComputing, own], limits);
}

function refusals(statuses: readonly Refusal[], limits?: ServerLimits): Responses {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      answered(refusalReasons[status] + limitsOf(status, limits), errorAnswerSchema),
    ]),
  );
}

function limitsOf(status: number, limits: ServerLimits | undefined): string {
  const named = limits === undefined ? [] : describeLimits(limits).filter((limit) => limit.status === status);
  if (named.length === 0) return '';
  return `. Limits: ${named.map(({ meaning, value, unit }) => `${meaning}: ${value} ${unit}`).join('; ')}`;
}
