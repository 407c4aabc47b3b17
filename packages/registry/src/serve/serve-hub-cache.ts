import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { WebsslError } from '@webssl/backend';
import { ifPresent, messageOf } from '../file-errors.js';
import { answerRequest, type Offer } from './answer-request.js';
import { connectionSignals, whenOver } from './connection-end.js';
import { FileHashes } from './file-hashes.js';
import { isLoopback } from './local-host.js';

/** How a cache is offered. */
export interface ServeHubCacheOptions {
  /** The Hugging Face cache: the folder that has `models--organisation--name` folders. */
  readonly hubCacheFolder: string;
  /**
   * Name or address to listen on. Default `127.0.0.1`: this machine alone, which then has to be named so in requests
   * (`localhost` or its like), unless they bring a token: other names could be a web page's. There is no TLS: on any other address files
   * and the token cross the network in the clear, so that belongs on a trusted network or behind a proxy with TLS.
   */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** When given, every request must have `Authorization: Bearer <token>`. */
  readonly token?: string;
  /** Ends the server, running answers included. */
  readonly signal?: AbortSignal;
  /** Called when a request is over. */
  readonly onRequest?: (entry: ServedRequest) => void;
}

/** A request that is over. */
export interface ServedRequest {
  readonly method: string;
  /** As the client wrote it, percent-encoded, with its query. */
  readonly path: string;
  readonly status: number;
  /** Body bytes handed to the connection: less than the file where the client went away. */
  readonly bytes: number;
  readonly milliseconds: number;
}

/** A cache that is being offered. */
export interface HubCacheServer {
  /** What clients set HF_ENDPOINT to, such as `http://127.0.0.1:8750`. */
  readonly endpoint: string;
  /** Stops listening and breaks off running answers; clients resume elsewhere or later. May be called again. */
  close(): Promise<void>;
}

const longestHeaderBytes = 16 * 1024;
const headersTimeoutMilliseconds = 15_000;
const requestTimeoutMilliseconds = 60_000;
const keepAliveMilliseconds = 30_000;
/** A connection on which nothing moves, such as a reader that stopped reading. */
const idleMilliseconds = 300_000;

/**
 * Offers a Hugging Face cache as a hub endpoint, for machines that cannot reach the hub: `HF_ENDPOINT=<endpoint>` is all
 * that webssl and the Python client need. It reads the cache anew for every request and never writes.
 *
 * Offered are the files of snapshots, by branch, tag (`refs/`) or commit; `main` of a repository that has no such
 * reference and a single snapshot is that snapshot. A snapshot that was fetched in part offers the files it has. Never
 * offered: pickles, unfinished downloads, and whatever a link leads to outside the repository's blobs and the cache's shared ones.
 * Blobs are offered under their names; whether their bytes still match is for `models verify` to say. Files without a blob
 * (caches without links) are hashed at the first request for them, which a large one makes wait.
 *
 * @throws WebsslError `CACHE_FOLDER_MISSING`, `HUB_SETTING_INVALID` (the token), `HUB_SERVE_FAILED` (the address cannot
 * be listened on).
 */
export async function serveHubCache(options: ServeHubCacheOptions): Promise<HubCacheServer> {
  const { hubCacheFolder, host = '127.0.0.1', port = 0, token, signal, onRequest } = options;
  signal?.throwIfAborted();
  requireUsableToken(token);
  await requireFolder(hubCacheFolder);
  const server = createServer({
    maxHeaderSize: longestHeaderBytes,
    headersTimeout: headersTimeoutMilliseconds,
    requestTimeout: requestTimeoutMilliseconds,
    keepAliveTimeout: keepAliveMilliseconds,
  });
  const goneSignal = connectionSignals(server);
  server.setTimeout(idleMilliseconds);
  const address = await listen(server, host, port);
  const offer: Offer = {
    cacheFolder: hubCacheFolder,
    token,
    hashes: new FileHashes(),
    localHost: isLoopback(address.address) ? host : undefined,
  };
  server.on('request', (request, response) => {
    void answer(request, response, { offer, gone: goneSignal(request.socket), onRequest });
  });
  const close = closer(server);
  const closeOnAbort = () => void close();
  signal?.addEventListener('abort', closeOnAbort, { once: true });
  server.once('close', () => signal?.removeEventListener('abort', closeOnAbort));
  if (signal?.aborted) {
    await close();
    signal.throwIfAborted();
  }
  return { endpoint: `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}`, close };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  {
    offer,
    gone,
    onRequest,
  }: { offer: Offer; gone: AbortSignal; onRequest: ServeHubCacheOptions['onRequest'] },
): Promise<void> {
  const startedAt = performance.now();
  const over = whenOver(response, gone);
  const bytes = await answerRequest(request, response, { offer, gone });
  await over;
  onRequest?.({
    method: request.method ?? '',
    path: request.url ?? '',
    status: response.statusCode,
    bytes,
    milliseconds: performance.now() - startedAt,
  });
}

function requireUsableToken(token: string | undefined): void {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return;
  throw new WebsslError({
    code: 'HUB_SETTING_INVALID',
    message:
      'The token for this endpoint must be at least one character, without spaces and in ASCII: clients cannot send another.',
  });
}

async function requireFolder(folder: string): Promise<void> {
  const found = await ifPresent(folder, stat(folder));
  if (found?.isDirectory()) return;
  throw new WebsslError({
    code: 'CACHE_FOLDER_MISSING',
    message: `There is no cache folder ${folder} to offer. Fetch a model first, or name the cache that has it.`,
    details: { folder },
  });
}

async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (cause) {
    throw new WebsslError({
      code: 'HUB_SERVE_FAILED',
      message: `Cannot listen on ${host}, port ${port}: ${messageOf(cause)}. Choose another port or address.`,
      cause,
      details: { host, port },
    });
  }
  // From here on, errors are of single connections that could not be accepted, such as for want of file descriptors.
  server.on('error', () => undefined);
  return server.address() as AddressInfo;
}

function closer(server: Server): () => Promise<void> {
  let closing: Promise<unknown> | undefined;
  return async () => {
    if (closing === undefined) {
      closing = once(server, 'close');
      server.close();
      server.closeAllConnections();
    }
    await closing;
  };
}
