import { once } from 'node:events';
import { hostname } from 'node:os';
import type { Terminal } from '@webssl/command-line';
import { hubCacheFolder, readToken, serveHubCache } from '@webssl/registry';
import { exitCode } from '../exit-code.js';

export interface ServeModelsOptions {
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly cacheDir?: string;
}

/** `webssl models serve`: the cache as a hub, until interrupted. */
export async function serveModels(
  { host, port, tokenFile, cacheDir }: ServeModelsOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const token = tokenFile === undefined ? undefined : await readToken({ tokenFile }, {});
  const folder = cacheDir ?? hubCacheFolder();
  const server = await serveHubCache({
    hubCacheFolder: folder,
    host,
    port,
    ...(token === undefined ? {} : { token }),
    onRequest: ({ method, path, status, bytes }) =>
      terminal.note(`${new Date().toISOString()} ${method} ${path} ${status} ${bytes}`),
  });
  try {
    terminal.result(`Serving the models of ${folder} at ${server.endpoint}`);
    terminal.result(
      isLoopback(host)
        ? 'Only this machine can reach it; --host 0.0.0.0 lets others. There is no TLS: use it in a network that you trust.'
        : `On other machines: HF_ENDPOINT=${reachable(server.endpoint)} webssl models pull <model>`,
    );
    if (!signal.aborted) await once(signal, 'abort');
    return exitCode.success;
  } finally {
    await server.close();
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** An address that means every interface of this machine means nothing to another one. */
function reachable(endpoint: string): string {
  return endpoint.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${hostname()}`);
}
