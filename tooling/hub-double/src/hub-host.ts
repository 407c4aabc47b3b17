import type { IncomingMessage } from 'node:http';
import { grantAccess } from './access.js';
import { type Answer, redirectAnswer, textAnswer } from './answer.js';
import { apiAnswer } from './api-routes.js';
import { hubError } from './hub-error.js';
import { type HubRoute, parseHubRoute } from './hub-route.js';
import type { HubState } from './hub-state.js';
import type { HubDoubleOptions } from './options.js';
import { resolveAnswer } from './resolve-route.js';

/** What the hub host answers. */
export async function hubAnswer(request: IncomingMessage, state: HubState): Promise<Answer> {
  const { options, repositories } = state;
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const route = parseHubRoute(path);
  if (route === undefined || (route.api && options.mirror?.withoutApi === true))
    return textAnswer(404, 'Not Found');
  if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'POST')
    return textAnswer(405, 'Method Not Allowed', { Allow: 'GET, HEAD, POST' });
  const elsewhere = redirect(route, path, query, options);
  if (elsewhere !== undefined) return elsewhere;

  const access = grantAccess({
    repository: repositories.get(route.id),
    id: route.id,
    authorization: request.headers.authorization,
    knownTokens: options.tokens,
    wantsFile: route.action === 'resolve',
    api: route.api,
  });
  if ('status' in access) return access;
  const origin = options.publicEndpoint ?? `http://${request.headers.host}`;
  if (route.action === 'resolve') {
    if (request.method === 'POST') return hubError(405, undefined, 'Method Not Allowed');
    const { revision, path: file, api: isCacheAddress } = route;
    return resolveAnswer(
      { repository: access, revision, path: file, headers: request.headers, origin, isCacheAddress },
      state,
    );
  }
  return apiAnswer(
    { ...route, repository: access, request, query: new URLSearchParams(query), origin },
    options,
  );
}

/** To another hub (a mirror that hands on), or to the new name of a renamed repository. */
function redirect(
  route: HubRoute,
  path: string,
  query: string,
  { mirror, renamed }: HubDoubleOptions,
): Answer | undefined {
  const suffix = query === '' ? '' : `?${query}`;
  const other = mirror?.redirect;
  if (other !== undefined && (!route.api || other.api === true))
    return redirectAnswer(
      other.status ?? 308,
      `${other.endpoint}${path}${other.dropQuery === true ? '' : suffix}`,
    );
  const name = renamed?.[route.id];
  return name === undefined ? undefined : redirectAnswer(307, `${path.replace(route.id, name)}${suffix}`);
}
