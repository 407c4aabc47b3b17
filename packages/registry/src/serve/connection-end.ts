import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Resolves when an answer was sent or its connection was closed. `gone` tells the latter: the answer to a pipelined request
 * waits without a connection of its own and never hears of it.
 */
export function whenOver(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      gone.removeEventListener('abort', end);
      resolve();
    };
    response.once('close', end);
    gone.addEventListener('abort', end);
    if (gone.aborted) end();
  });
}

/** A signal for each connection that aborts when it is closed. */
export function connectionSignals(server: Server): (connection: Socket) => AbortSignal {
  const signals = new WeakMap<Socket, AbortSignal>();
  server.on('connection', (connection: Socket) => {
    const controller = new AbortController();
    signals.set(connection, controller.signal);
    connection.once('close', () => controller.abort());
  });
  return (connection) => signals.get(connection) ?? AbortSignal.abort();
}
