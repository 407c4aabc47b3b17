import { setTimeout as delay } from 'node:timers/promises';
import { abortedError, backendError } from '../backend-error.js';
import type { Isolation } from '../contract.js';
import { unpackError } from './error-transfer.js';
import { protocolVersion, type Reply, type Request, readReply } from './messages.js';
import type { MessageListener, Peer } from './peer.js';
import { startProcess } from './process-peer.js';
import { SilenceWatch } from './silence-watch.js';
import { startThread } from './thread-peer.js';

/** How long a killed process may take to be gone before nobody waits for it any longer, in milliseconds. */
const killMilliseconds = 2000;
/** How long a thread whose opening nobody waits for any longer may take to free what it has opened. */
const closeMilliseconds = 5000;

export interface ChildOptions {
  readonly backend: string;
  readonly entry: URL;
  readonly isolation: Isolation;
  readonly deadlineMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** A child that has answered its first request. */
export interface AnsweredChild<Kind extends Reply['kind']> {
  readonly peer: Peer;
  readonly reply: Extract<Reply, { kind: Kind }>;
  /** Hands the child's further messages to another listener. */
  listen(listener: MessageListener): void;
}

/**
 * Starts a child, sends it its first request when both are ready, and waits for the answer.
 * On any failure the child is ended before the promise rejects (a thread within a native call: as soon as that ends).
 */
export async function firstAnswer<Kind extends 'opened' | 'probed'>(
  options: ChildOptions,
  makeRequest: () => Promise<Request>,
  kind: Kind,
): Promise<AnsweredChild<Kind>> {
  const { backend, entry, isolation, deadlineMilliseconds, signal } = options;
  let listener: MessageListener = () => {};
  let giveUp: (error: Error) => void = () => {};
  let waiting = true;
  const lost = (what: string) =>
    backendError(
      'BACKEND_LOST',
      `The worker of '${backend}' was lost while ${kind === 'probed' ? 'probing' : 'opening'}: ${what}`,
    );
  if (signal?.aborted) throw abortedError('The opening', signal);

  const onMessage: MessageListener = (message) => listener(message);
  const peer =
    isolation === 'process'
      ? startProcess(entry, onMessage)
      : startThread(entry, onMessage, deadlineMilliseconds);
  const watch = new SilenceWatch(() =>
    giveUp(lost(`it gave no sign of life for ${deadlineMilliseconds} ms`)),
  );
  const abort = () => giveUp(abortedError('The opening', signal));
  signal?.addEventListener('abort', abort);
  try {
    const request = makeRequest();
    const reply = await new Promise<Extract<Reply, { kind: Kind }>>((resolve, reject) => {
      giveUp = reject;
      listener = (message) => {
        const heard = readReply(message);
        watch.heard();
        if (heard?.kind === 'hello' && heard.protocol === protocolVersion) {
          watch.stop();
          request.then((value) => {
            if (!waiting) return;
            watch.start(deadlineMilliseconds);
            peer.send(value);
          }, reject);
        } else if (heard?.kind === kind) {
          resolve(heard as Extract<Reply, { kind: Kind }>);
        } else if (heard?.kind === 'failed') {
          reject(
            unpackError(heard.error, 'BACKEND_OPEN_FAILED', `The backend '${backend}' could not be opened`),
          );
        } else if (heard?.kind !== 'call-ended') {
          reject(
            lost(
              `its entry ${entry.href} does not speak protocol ${protocolVersion} of @webssl/backend/host`,
            ),
          );
        }
      };
      request.catch(reject);
      void peer.ended.then(({ how, output }) => reject(lost(`it ended (${how})${output && `:\n${output}`}`)));
      watch.start(deadlineMilliseconds);
    });
    return {
      peer,
      reply,
      listen(next) {
        listener = next;
      },
    };
  } catch (error) {
    waiting = false;
    await endPeer(peer);
    throw error;
  } finally {
    waiting = false;
    watch.stop();
    signal?.removeEventListener('abort', abort);
  }
}

/** Ends a peer, and waits for the end of a process; a thread ends after its native call, when it has freed what it opened. */
export async function endPeer(peer: Peer): Promise<void> {
  if (peer.processId === undefined) {
    // The system frees nothing of what a thread has opened: it does so itself.
    peer.send({ kind: 'close' });
    void Promise.race([peer.ended, delay(closeMilliseconds, undefined, { ref: false })]).then(() =>
      peer.kill(),
    );
  } else {
    peer.kill();
    await Promise.race([peer.ended, delay(killMilliseconds, undefined, { ref: false })]);
  }
  peer.release();
}
