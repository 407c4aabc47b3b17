import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect as connectSocket, isIP, type Socket } from 'node:net';
import { WebsslError } from '@webssl/backend';
import { type Connect, directConnect } from '../checked-connector.js';
import type { RemoteImageSettings } from '../remote-image-settings.js';
import { createRemoteImages, type RemoteImageDependencies, type RemoteImages } from '../remote-images.js';
import { testCertificate } from './test-certificate.js';

/** Where nobody listens. */
const closedPort = 1;
export const loopback = '127.0.0.1';
export const publicAddress = '93.184.216.34';
export const otherPublicAddress = '93.184.216.35';

export const usualSettings: RemoteImageSettings = {
  allowedHosts: ['images.example.org', '*.cdn.example.org', 'odd.example.org:8443'],
  allowHttp: false,
  maxBytes: 100_000,
  timeoutMilliseconds: 20_000,
  maxRedirects: 5,
};

/** A connection as it was asked for, before it was led to loopback. */
interface AskedConnection {
  readonly address: string;
  /** Empty for the usual one. */
  readonly port: string;
  readonly servername: string | undefined;
}

/** A web of its own: names that stand for public addresses, which are one server of http and one of https on loopback. */
export interface ImageWorld {
  /** What the next answers for a name are, one after another, the last for ever; names that are not here stand for `publicAddress`. */
  readonly names: Map<string, (readonly string[])[]>;
  readonly resolved: string[];
  readonly connections: AskedConnection[];
  /** Addresses on which nobody answers. */
  readonly deadAddresses: Set<string>;
  /** What is connected to the servers now. */
  readonly sockets: Set<Socket>;
  /** Of the server of https. */
  readonly securePort: number;
  readonly requests: { readonly url: string; readonly headers: Readonly<Record<string, unknown>> }[];
  /** What answers now. */
  answer: RequestListener;
  readonly dependencies: Required<RemoteImageDependencies>;
  fetchOnce(url: string, changes?: Partial<RemoteImageSettings>, signal?: AbortSignal): Promise<Uint8Array>;
  open(changes?: Partial<RemoteImageSettings>): RemoteImages;
  forget(): void;
  close(): Promise<void>;
}

export async function openImageWorld(): Promise<ImageWorld> {
  const listener: RequestListener = (request, response) => {
    const scheme = 'encrypted' in request.socket ? 'https' : 'http';
    world.requests.push({
      url: `${scheme}://${request.headers.host}${request.url}`,
      headers: request.headers,
    });
    world.answer(request, response);
  };
  const sockets = new Set<Socket>();
  const plain = await listen(createServer(listener), sockets);
  const secure = await listen(createSecureServer(testCertificate, listener), sockets);
  const direct = directConnect(10_000, { ca: testCertificate.cert });

  const connect: Connect = (options, callback) => {
    const { hostname, port, protocol, servername } = options;
    world.connections.push({ address: hostname, port, servername: servername || undefined });
    const isDead = world.deadAddresses.has(hostname);
    if (protocol === 'https:') {
      const httpSocket = connectSocket(isDead ? closedPort : world.securePort, loopback);
      direct({ ...options, httpSocket }, callback);
    } else {
      direct({ ...options, hostname: loopback, port: String(isDead ? closedPort : plain.port) }, callback);
    }
  };
  const world: ImageWorld = {
    names: new Map(),
    resolved: [],
    connections: [],
    deadAddresses: new Set(),
    sockets,
    securePort: secure.port,
    requests: [],
    answer: (_, response) => response.end('an image'),
    dependencies: {
      connect,
      async resolveName(name) {
        world.resolved.push(name);
        const answers = world.names.get(name) ?? [[publicAddress]];
        const [now = []] = answers;
        if (answers.length > 1) answers.shift();
        return now.map((address) => ({ address, family: isIP(address) }));
      },
    },
    open: (changes) => createRemoteImages({ ...usualSettings, ...changes }, world.dependencies),
    async fetchOnce(url, changes, signal = new AbortController().signal) {
      const images = world.open(changes);
      try {
        return await images.fetch(url, signal);
      } finally {
        await images.close();
      }
    },
    forget() {
      for (const list of [world.resolved, world.connections, world.requests]) list.length = 0;
      world.names.clear();
      world.deadAddresses.clear();
      world.answer = (_, response) => response.end('an image');
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([plain.close(), secure.close()]);
    },
  };
  return world;
}

async function listen(server: Server, sockets: Set<Socket>) {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, loopback);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Redirects to one place. */
export function redirectTo(location: string, status = 302): RequestListener {
  return (_, response) => response.writeHead(status, { location }).end('moved');
}

/** The WebsslError that an operation throws. */
export async function refusalOf(operation: Promise<unknown>): Promise<WebsslError> {
  try {
    await operation;
  } catch (error) {
    if (WebsslError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}

/** The code and the reason of the WebsslError that an operation throws. */
export async function reasonOf(operation: Promise<unknown>): Promise<unknown[]> {
  const { code, details } = await refusalOf(operation);
  return [code, details['reason']];
}
