import { WebsslError } from '@webssl/backend';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiKey } from '../access/api-key.js';
import type { ApiKeys } from '../access/api-keys.js';
import { presentedKey } from '../access/presented-key.js';
import type { ServerSettings } from '../server-settings.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a key. */
    readonly isOpen?: boolean;
  }
  interface FastifyRequest {
    /** The key that the request came with, where keys are asked for. */
    apiKey: ApiKey | undefined;
  }
}

/** Refuses requests that come from where they should not, or without a key where keys are asked for. */
export function guardRequests(
  app: FastifyInstance,
  { hostNames, corsOrigins }: Pick<ServerSettings, 'hostNames' | 'corsOrigins'>,
  apiKeys: ApiKeys | undefined,
): void {
  app.decorateRequest('apiKey', undefined);
  app.addHook('onRequest', async (request, reply) => {
    requireHost(request);
    if (hostNames !== undefined) checkHost(request, hostNames);
    checkOrigin(request, corsOrigins);
    if (apiKeys === undefined || request.routeOptions.config.isOpen === true || request.is404) return;
    try {
      request.apiKey = knownKey(request, apiKeys);
    } catch (error) {
      reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  });
}

/** RFC 9112, 3.2: a request of HTTP/1.1 says whom it is for. */
function requireHost({ raw: { headers, httpVersion } }: FastifyRequest): void {
  if (headers.host !== undefined || httpVersion === '1.0') return;
  throw new WebsslError({ code: 'REQUEST_MALFORMED', message: 'The request has no Host header.' });
}

/** A page of another site whose name was made to stand for this address (DNS rebinding) brings its own name along. */
function checkHost({ host }: FastifyRequest, names: readonly string[]): void {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (names.includes(name) || isLoopback(name)) return;
  throw new WebsslError({
    code: 'HOST_REFUSED',
    message: `The request is for the host ${JSON.stringify(name.slice(0, 100))}, which this server does not answer for. It listens on loopback; --host-name names others.`,
  });
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}

/** Browsers let every page send forms and images anywhere; it is the server that has to refuse them. */
function checkOrigin(request: FastifyRequest, allowed: readonly string[]): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return;
  if (site === 'same-origin' || origin === `${request.protocol}://${request.host}`) return;
  throw new WebsslError({
    code: 'ORIGIN_REFUSED',
    message: `Pages of ${JSON.stringify(origin.slice(0, 100))} may not ask this server. --cors-origin allows them.`,
  });
}

function knownKey(request: FastifyRequest, apiKeys: ApiKeys): ApiKey {
  const presented = presentedKey(request.headers);
  if (presented === undefined) {
    throw new WebsslError({
      code: 'API_KEY_MISSING',
      message: 'This server asks for an API key: Authorization: Bearer <key>.',
    });
  }
  const key = apiKeys.find(presented);
  if (key !== undefined) return key;
  throw new WebsslError({ code: 'API_KEY_UNKNOWN', message: 'The API key is not one of this server’s.' });
}
