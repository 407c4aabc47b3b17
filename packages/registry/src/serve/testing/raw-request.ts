import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
interface RawAnswer {
  /** 0 where the server closed the connection without an answer. */
  readonly status: number;
  /** Head and body. */
  readonly text: string;
}

/** A connection to an endpoint. */
export async function connectTo(endpoint: string): Promise<Socket> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect(Number(port), hostname);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** Sends these very bytes, which no client has tidied up, and reads until the server closes the connection. */
export async function rawRequest(endpoint: string, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = await connectTo(endpoint);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // A server that refuses early may reset the connection while the rest is still being written.
  socket.on('error', () => undefined);
  socket.write(bytes);
  await closed;
  const text = Buffer.concat(chunks).toString('latin1');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text };
}

/** GET of a request target, byte for byte. */
export function rawGet(endpoint: string, target: string | Buffer): Promise<RawAnswer> {
  const tail = Buffer.from(' HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  return rawRequest(endpoint, Buffer.concat([Buffer.from('GET '), Buffer.from(target), tail]));
}
