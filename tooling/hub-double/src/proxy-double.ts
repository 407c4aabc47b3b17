import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { listenOnLoopback } from './loopback-server.js';

export interface ProxyDoubleOptions {
  /**
   * Host name to `address:port` or origin, so that tests can use names that no DNS knows. The port of the request does
   * not matter for these. Names that are not here are answered 502; loopback addresses go where they say.
   */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Asks for Basic authentication. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** One request to the proxy. */
export interface LoggedProxyRequest {
  readonly method: string;
  /** The address as asked: absolute, or `host:port` for CONNECT. */
  readonly target: string;
  /** The `Proxy-Authorization` header. */
  readonly proxyAuthorization: string | undefined;
  /** The `Authorization` header, which is the origin server's; undefined for CONNECT. */
  readonly authorization: string | undefined;
  /** 0 until it is known. */
  readonly status: number;
}

/** A forward proxy on loopback: absolute-form requests and CONNECT (RFC 9110, sections 7.4 and 9.3.6). */
export interface ProxyDouble {
  /** Such as `http://127.0.0.1:41234`, without credentials. */
  readonly url: string;
  readonly requests: readonly LoggedProxyRequest[];
  reset(): void;
  close(): Promise<void>;
}

type WritableLog = { -readonly [Key in keyof LoggedProxyRequest]: LoggedProxyRequest[Key] };

export async function startProxyDouble(options: ProxyDoubleOptions = {}): Promise<ProxyDouble> {
  const log: WritableLog[] = [];
  const tunnels = new Set<Duplex>();

  const { server, port, close } = await listenOnLoopback((request, response) => {
    const entry = logged(log, request);
    const refusal = refuse(options, request);
    if (refusal !== undefined) {
      entry.status = refusal.status;
      response.writeHead(refusal.status, refusal.headers).end();
      return;
    }
    forward(options, request, response, entry).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(badGateway.status, badGateway.headers).end();
    });
  });
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    const entry = logged(log, request);
    tunnels.add(client);
    client.once('close', () => tunnels.delete(client));
    tunnel(options, request, client, entry).catch(() => client.destroy());
  });

  return {
    url: `http://127.0.0.1:${port}`,
    requests: log,
    reset() {
      log.length = 0;
    },
    async close() {
      for (const client of tunnels) client.destroy();
      await close();
    },
  };
}

function logged(log: WritableLog[], request: IncomingMessage): WritableLog {
  const entry: WritableLog = {
    method: request.method ?? '',
    target: request.url ?? '',
    proxyAuthorization: request.headers['proxy-authorization'],
    authorization: request.headers.authorization,
    status: 0,
  };
  log.push(entry);
  return entry;
}

interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

const badGateway: Refusal = { status: 502, headers: { 'Content-Length': '0' } };

function refuse({ hosts, credentials }: ProxyDoubleOptions, request: IncomingMessage): Refusal | undefined {
  if (credentials !== undefined) {
    const token = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
    if (request.headers['proxy-authorization'] !== `Basic ${token}`)
      return {
        status: 407,
        headers: { 'Proxy-Authenticate': 'Basic realm="double"', 'Content-Length': '0' },
      };
  }
  return route(hosts, request) === undefined ? badGateway : undefined;
}

/** Where a request really goes; undefined where it may not. */
function route(hosts: ProxyDoubleOptions['hosts'] = {}, request: IncomingMessage): URL | undefined {
  const url = askedUrl(request);
  const mapped = url === undefined ? undefined : hosts[url.hostname];
  if (mapped !== undefined) return parseUrl(mapped.includes('://') ? mapped : `http://${mapped}`);
  return url !== undefined && /^(127\.|localhost$|\[::1\]$)/.test(url.hostname) ? url : undefined;
}

function askedUrl({ method, url = '' }: IncomingMessage): URL | undefined {
  return parseUrl(method === 'CONNECT' ? `http://${url}` : url);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

async function forward(
  { hosts }: ProxyDoubleOptions,
  request: IncomingMessage,
  response: ServerResponse,
  entry: WritableLog,
): Promise<void> {
  const target = route(hosts, request);
  const asked = askedUrl(request);
  if (target === undefined || asked === undefined) throw new Error('This request was to be refused');
  const { 'proxy-authorization': _own, 'proxy-connection': _hop, ...headers } = request.headers;
  const onward = httpRequest({
    host: target.hostname,
    port: portOf(target),
    method: request.method,
    path: `${asked.pathname}${asked.search}`,
    headers: { ...headers, host: asked.host },
    agent: false,
  });
  response.once('close', () => onward.destroy());
  request.pipe(onward);
  // What goes wrong from here on comes through the answer.
  onward.on('error', () => {});
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  entry.status = answer.statusCode ?? 0;
  response.writeHead(entry.status, answer.headers);
  await pipeline(answer, response);
}

async function tunnel(
  options: ProxyDoubleOptions,
  request: IncomingMessage,
  client: Duplex,
  entry: WritableLog,
): Promise<void> {
  const target = route(options.hosts, request);
  const refusal = refuse(options, request);
  if (target === undefined || refusal !== undefined) {
    refuseTunnel(client, entry, refusal ?? badGateway);
    return;
  }
  const origin = connect(portOf(target), target.hostname);
  client.once('close', () => origin.destroy());
  try {
    await once(origin, 'connect');
  } catch {
    refuseTunnel(client, entry, badGateway);
    return;
  }
  entry.status = 200;
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  await Promise.all([pipeline(client, origin), pipeline(origin, client)]);
}

function refuseTunnel(client: Duplex, entry: WritableLog, { status, headers }: Refusal): void {
  entry.status = status;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  client.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n`);
}
