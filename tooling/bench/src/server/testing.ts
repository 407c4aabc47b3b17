import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeNpyHeader } from '@webssl/tensor-files';

/** Answers one request after its body has come. */
export type Behaviour = (response: ServerResponse, body: Buffer, request: IncomingMessage) => void;

/** A server on loopback that answers as a test says. */
export async function startStandIn(
  behaviour: Behaviour,
): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => behaviour(response, Buffer.concat(chunks), request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Features as `/v1/features` gives them, in the form that was asked for. */
export function answerWith(response: ServerResponse, values: Float32Array, request: IncomingMessage): void {
  if (request.headers.accept === 'application/x-npy') {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    response.end(Buffer.concat([encodeNpyHeader([1, values.length]), bytes]));
    return;
  }
  const cls = { dims: [values.length], data: [...values] };
  response.end(JSON.stringify({ results: [{ index: 0, features: { cls } }] }));
}
