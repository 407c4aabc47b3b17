import { connect, type Socket } from 'node:net';

/** One answer as it stood on the wire. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What came back on one connection, and how it ended. */
export interface Exchange {
  readonly answers: readonly RawAnswer[];
  /** `answered`: as many answers as were waited for; the connection was then closed from here. */
  readonly end: 'answered' | 'closed' | 'reset' | 'silent';
}

export interface ExchangeOptions {
  /** Answers to wait for. Default 1; the connection may be closed earlier. */
  readonly answers?: number;
  /** Milliseconds without a byte after which nothing more is expected. */
  readonly patience?: number;
  /** Milliseconds after which the server is told that nothing more comes. Default: it is not told. */
  readonly endAfter?: number;
  /** Told once the bytes are sent; gets what sends more on the same connection. */
  readonly later?: (send: (bytes: Uint8Array) => void) => void;
  /** An answer to HEAD has no body. */
  readonly isHead?: boolean;
}

/**
 * Opens a connection of its own.
 *
 * @param address as a server tells it, `http://127.0.0.1:<port>`
 */
export function open(address: string): Socket {
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname, port: Number(port) });
  // A reset is told by `close`; here it is no failure of the test.
  socket.on('error', () => undefined);
  return socket;
}

/** Settles when a connection is closed, however that happened; `once` would reject when it is reset. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/**
 * Sends bytes exactly as given and reads what comes back.
 *
 * @throws Error where that is not HTTP
 */
export function exchange(
  address: string,
  bytes: string | Uint8Array,
  { answers: wanted = 1, patience = 30_000, endAfter, later, isHead = false }: ExchangeOptions = {},
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const socket = open(address);
    const answers: RawAnswer[] = [];
    let rest: Buffer = Buffer.alloc(0);
    let isReset = false;
    const timer = endAfter === undefined ? undefined : setTimeout(() => socket.end(), endAfter);
    const finish = (end: Exchange['end']) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answers, end });
    };
    socket.setTimeout(patience, () => finish('silent'));
    socket.on('error', () => {
      isReset = true;
    });
    socket.on('close', () => {
      if (rest.length === 0) finish(isReset ? 'reset' : 'closed');
      else
        reject(new Error(`the answer is cut off: ${JSON.stringify(rest.toString('latin1').slice(0, 200))}`));
    });
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      try {
        for (let taken = takeAnswer(rest, isHead); taken !== undefined; taken = takeAnswer(rest, isHead)) {
          rest = taken.rest;
          // 100 Continue is not the answer yet.
          if (taken.answer.status >= 200) answers.push(taken.answer);
        }
      } catch (error) {
        reject(error);
        socket.destroy();
        return;
      }
      if (answers.length >= wanted) finish('answered');
    });
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () =>
      later?.((more) => socket.write(more)),
    );
  });
}

/**
 * The first answer of what has come so far; nothing while it is not whole.
 *
 * @throws Error where it is not HTTP/1.1
 */
export function takeAnswer(
  bytes: Buffer,
  isHead = false,
): { readonly answer: RawAnswer; readonly rest: Buffer } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const [, code] = /^HTTP\/1\.1 ([1-5]\d\d) [\t -~]*$/.exec(statusLine) ?? [];
  if (code === undefined) throw new Error(`no status line: ${JSON.stringify(statusLine.slice(0, 200))}`);
  const status = Number(code);
  const headers = new Map(lines.map(headerOf));
  const after = bytes.subarray(headEnd + 4);
  const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304;
  const taken = hasBody ? takeBody(after, headers) : { body: Buffer.alloc(0), rest: after };
  return taken && { answer: { status, headers, body: taken.body }, rest: taken.rest };
}

function headerOf(line: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`no header: ${JSON.stringify(line)}`);
  return [name.toLowerCase(), value];
}

interface Body {
  readonly body: Buffer;
  readonly rest: Buffer;
}

function takeBody(bytes: Buffer, headers: ReadonlyMap<string, string>): Body | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return takeChunks(bytes);
  const announced = headers.get('content-length');
  if (announced === undefined || !/^\d+$/.test(announced)) throw new Error('a body without its length');
  const length = Number(announced);
  return bytes.length < length
    ? undefined
    : { body: bytes.subarray(0, length), rest: bytes.subarray(length) };
}

function takeChunks(bytes: Buffer): Body | undefined {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9a-f]+$/i.test(size)) throw new Error(`no size of a chunk: ${JSON.stringify(size)}`);
    const from = lineEnd + 2;
    const to = from + Number.parseInt(size, 16);
    if (bytes.length < to + 2) return undefined;
    pieces.push(bytes.subarray(from, to));
    at = to + 2;
    if (from === to) return { body: Buffer.concat(pieces), rest: bytes.subarray(at) };
  }
}
