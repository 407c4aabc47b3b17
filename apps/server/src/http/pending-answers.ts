import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Knows which connections owe answers, where more bytes could be taken for one of them. */
export class PendingAnswers {
  readonly #ofConnection = new WeakMap<Duplex, Set<ServerResponse>>();

  /** To be called before the server listens. */
  watch(server: Pick<Server, 'prependListener'>): void {
    server.prependListener('request', ({ socket }: IncomingMessage, answer: ServerResponse) => {
      const answers = this.#ofConnection.get(socket) ?? new Set();
      this.#ofConnection.set(socket, answers.add(answer));
      answer.once('close', () => answers.delete(answer));
    });
  }

  /** Whether an answer has begun, or a whole request waits for one: who only sends too slowly gets none yet. */
  has(connection: Duplex): boolean {
    const answers = [...(this.#ofConnection.get(connection) ?? [])];
    return answers.some(({ headersSent, req }) => headersSent || req.complete);
  }
}
