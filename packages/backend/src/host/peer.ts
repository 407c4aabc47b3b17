import type { Request } from './messages.js';

/** A child process or a worker thread, as its caller sees it. */
export interface Peer {
  /** Absent for a thread. */
  readonly processId?: number;
  send(request: Request): void;
  /** Keeps the caller's process alive while it waits for the peer; `release` lets it exit. Peers start held. */
  hold(): void;
  release(): void;
  /** Ends the peer: a process at once, a thread as soon as it is outside a native call. */
  kill(): void;
  /** Resolves when the peer is gone, with how it ended in words (`exit code 1`) and its last lines of output. */
  readonly ended: Promise<{ readonly how: string; readonly output: string }>;
}

/** What a peer does with the messages of its child, before they are validated. */
export type MessageListener = (message: unknown) => void;
