import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A plain HTTP server of one file that notes which bytes it was asked for. */
export interface RangeServer {
  readonly url: string;
  /** Bytes that all requests together asked for. */
  readonly askedBytes: () => number;
  readonly close: () => Promise<void>;
}

/** @param bytesPerMillisecond how fast each answer is sent. */
export async function serveRanges(content: Uint8Array, bytesPerMillisecond: number): Promise<RangeServer> {
  let askedBytes = 0;
  const server = createServer((request, response) => {
    const [, first, next] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(first);
    const end = Number(next) + 1;
    askedBytes += end - start;
    response.writeHead(206, {
      'content-length': end - start,
      'content-range': `bytes ${start}-${end - 1}/${content.length}`,
    });
    send(response, content.subarray(start, end), bytesPerMillisecond);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    askedBytes: () => askedBytes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, bytes: Uint8Array, bytesPerMillisecond: number): void {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(bytes.length, Math.ceil((performance.now() - began) * bytesPerMillisecond));
    response.write(bytes.subarray(sent, due));
    sent = due;
    if (sent < bytes.length) return;
    clearInterval(timer);
    response.end();
  }, 1);
  response.on('close', () => clearInterval(timer));
}
