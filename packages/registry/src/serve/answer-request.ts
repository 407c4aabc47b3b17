import type { IncomingMessage, ServerResponse } from 'node:http';
import { requireToken } from './bearer-token.js';
import {
  describeEndpoint,
  describePaths,
  describeRepository,
  describeSnapshot,
  describeTree,
} from './describe.js';
import type { FileHashes } from './file-hashes.js';
import { requireLocalHost } from './local-host.js';
import { findOfferedFile } from './offered-files.js';
import {
  findRepository,
  findRevision,
  listRepositories,
  type OfferedSnapshot,
} from './offered-repository.js';
import { notFound, RequestRefusal } from './request-refusal.js';
import { readRequestedPaths } from './requested-paths.js';
import { parseRoute, type Route } from './route.js';
import { sendJson, sendRefusal, sendText } from './send-answer.js';
import { sendFile } from './send-file.js';

/** What requests are answered from. */
export interface Offer {
  readonly cacheFolder: string;
  readonly token: string | undefined;
  readonly hashes: FileHashes;
  /** The name or address that is listened on, where only this machine can reach it. */
  readonly localHost: string | undefined;
}

/**
 * Answers one request, whatever it is. Resolves with the length of the body that was sent; never rejects.
 * @param gone aborts when the connection is closed
 */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { offer, gone }: { readonly offer: Offer; readonly gone: AbortSignal },
): Promise<number> {
  try {
    if (offer.token !== undefined) requireToken(request.headers.authorization, offer.token);
    else if (offer.localHost !== undefined) requireLocalHost(request.headers.host, offer.localHost);
    const route = parseRoute(request.url ?? '');
    requireMethod(request.method, route.kind === 'paths-info' ? ['POST'] : ['GET', 'HEAD']);
    return await answerRoute(request, response, { route, offer, gone });
  } catch (error) {
    return sendRefusal(request, response, error);
  }
}

async function answerRoute(
  request: IncomingMessage,
  response: ServerResponse,
  { route, offer, gone }: { readonly route: Route; readonly offer: Offer; readonly gone: AbortSignal },
): Promise<number> {
  const { cacheFolder, hashes } = offer;
  switch (route.kind) {
    case 'index':
      return sendText(request, response, describeEndpoint(await listRepositories(cacheFolder)));
    case 'models': {
      const search = route.search.toLowerCase();
      const models = (await listRepositories(cacheFolder)).filter(({ id }) =>
        id.toLowerCase().includes(search),
      );
      return sendJson(request, response, models.map(describeRepository));
    }
    case 'model': {
      const snapshot = await findSnapshot(cacheFolder, route);
      return sendJson(request, response, await describeSnapshot(snapshot, hashes, route.details));
    }
    case 'tree': {
      const snapshot = await findSnapshot(cacheFolder, route);
      const { path: folder, recursive } = route;
      return sendJson(request, response, await describeTree(snapshot, hashes, { folder, recursive }));
    }
    case 'paths-info': {
      const paths = await readRequestedPaths(request);
      const snapshot = await findSnapshot(cacheFolder, route);
      return sendJson(request, response, await describePaths(snapshot, hashes, paths));
    }
    case 'file': {
      const snapshot = await findSnapshot(cacheFolder, route);
      const file = await findOfferedFile(snapshot, route.path);
      // Without X-Repo-Commit, or Python's client notes in its cache that the commit has no such file. That need not be so.
      if (file === undefined) throw notFound('EntryNotFound', `${route.id} has no file ${route.path} here`);
      const hash = await hashes.hashOf(file);
      return await sendFile(request, response, { file, hash, commit: snapshot.commit, gone });
    }
  }
}

async function findSnapshot(
  cacheFolder: string,
  { id, revision }: { readonly id: string; readonly revision: string },
): Promise<OfferedSnapshot> {
  return findRevision(await findRepository(cacheFolder, id), revision);
}

function requireMethod(method: string | undefined, allowed: readonly string[]): void {
  if (allowed.includes(method ?? '')) return;
  throw new RequestRefusal(405, `${method} is not possible here: this endpoint is for reading`, {
    headers: { Allow: allowed.join(', ') },
  });
}
