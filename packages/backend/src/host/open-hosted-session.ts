import type { BackendSession, Isolation, OpenOptions } from '../contract.js';
import { firstAnswer } from './first-answer.js';
import { HostedSession } from './hosted-session.js';
import { readReply } from './messages.js';
import { openedWith } from './run-check.js';

/** How a hosted session is opened. */
export interface HostedSessionOptions {
  /** Id of the backend, for messages. */
  readonly backend: string;
  /** The worker file: JavaScript that calls `serveBackend`. */
  readonly entry: URL;
  readonly isolation: Isolation;
  /**
   * Makes what the served `open` gets: anything that can be cloned. Called once the child has been started, which goes on
   * beside it; what it throws is what the opening rejects with.
   */
  readonly setup: () => unknown;
  /** What the caller asked for: every run is checked against it. */
  readonly open: OpenOptions;
  /** The longest that one native call may take, in milliseconds: then the session is lost and its process killed. */
  readonly deadlineMilliseconds: number;
  /** The same for the native calls of the opening. Default `deadlineMilliseconds`. */
  readonly openDeadlineMilliseconds?: number;
  /**
   * How long `close` lets the child finish its native call and free the device, before it is killed. 0 kills at once: right
   * where the operating system frees everything. Default 5000. A thread is never ended within a native call.
   */
  readonly closeMilliseconds?: number;
}

const defaultCloseMilliseconds = 5000;

/**
 * Opens a session in a child process or a worker thread, where native calls block nobody.
 * @throws WebsslError what the served `open` threw; `BACKEND_ABORTED`; `BACKEND_LOST` where the child died or overran the
 * deadline; `BACKEND_OPEN_FAILED` where it failed with an error that is none of ours. Nothing stays behind.
 */
export async function openHostedSession(options: HostedSessionOptions): Promise<BackendSession> {
  const { backend, entry, isolation, deadlineMilliseconds, open } = options;
  const opened = openedWith(open);
  const child = await firstAnswer(
    {
      backend,
      entry,
      isolation,
      deadlineMilliseconds: options.openDeadlineMilliseconds ?? deadlineMilliseconds,
      signal: open.signal,
    },
    async () => ({ kind: 'open', setup: await options.setup() }),
    'opened',
  );
  const { peer, reply } = child;
  const process = peer.processId === undefined ? {} : { processId: peer.processId };
  const session = new HostedSession({
    peer,
    device: { ...reply.device, isolation, details: { ...reply.device.details, ...process } },
    batchSizes: reply.batchSizes,
    concurrentRuns: reply.concurrentRuns,
    opened,
    deadlineMilliseconds,
    closeMilliseconds: options.closeMilliseconds ?? defaultCloseMilliseconds,
  });
  child.listen((message) => {
    const heard = readReply(message);
    if (heard) session.receive(heard);
    else session.violated('a message that is not part of the protocol');
  });
  return session;
}
