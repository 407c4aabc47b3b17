import { setImmediate as nextTurn } from 'node:timers/promises';
import { abortedError } from '../backend-error.js';
import type { ChildChannel } from './child-channel.js';
import { packError } from './error-transfer.js';
import { protocolVersion, type Request, readRequest } from './messages.js';
import type { NativeCall, ServedBackend, ServedSession } from './served-backend.js';

type RunRequest = Extract<Request, { kind: 'run' }>;

/** The child's side of a hosted session: requests in, replies out. */
export class BackendServer<Library> {
  readonly #backend: ServedBackend<Library>;
  readonly #channel: ChildChannel;
  readonly #queue: RunRequest[] = [];
  /** One for each run that is queued or executed. */
  readonly #controllers = new Map<number, AbortController>();
  readonly #running = new Set<Promise<void>>();
  #library: Promise<Library> | undefined;
  #opening: Promise<void> | undefined;
  #session: ServedSession | undefined;
  #ending = false;

  constructor(backend: ServedBackend<Library>, channel: ChildChannel) {
    this.#backend = backend;
    this.#channel = channel;
  }

  start(): void {
    this.#channel.listen((message) => this.#receive(message));
    this.#channel.onGone(() => void this.#end());
    void this.#channel.send({ kind: 'hello', protocol: protocolVersion });
    this.#library = this.#nativeCall(() => this.#backend.load());
    // It is reported where the library is needed.
    this.#library.catch(() => {});
  }

  #receive(message: unknown): void {
    const request = readRequest(message);
    switch (request?.kind) {
      case 'open':
        this.#opening ??= this.#open(request.setup);
        break;
      case 'probe':
        void this.#probe(request.setup);
        break;
      case 'run':
        this.#controllers.set(request.id, new AbortController());
        this.#queue.push(request);
        this.#pump();
        break;
      case 'abort':
        this.#controllers.get(request.id)?.abort();
        break;
      case 'close':
        void this.#end();
        break;
      default:
        throw new Error('A message arrived that is not part of the protocol of @webssl/backend/host.');
    }
  }

  async #probe(setup: unknown): Promise<void> {
    try {
      const report = await this.#backend.probe((await this.#library) as Library, setup);
      await this.#channel.send({ kind: 'probed', report });
    } catch (error) {
      await this.#channel.send({ kind: 'failed', error: packError(error) });
    }
  }

  async #open(setup: unknown): Promise<void> {
    try {
      const library = (await this.#library) as Library;
      this.#session = await this.#backend.open(library, setup, this.#nativeCall);
      const { device, batchSizes, concurrentRuns = 1 } = this.#session;
      await this.#channel.send({ kind: 'opened', device, batchSizes, concurrentRuns });
    } catch (error) {
      await this.#channel.send({ kind: 'failed', error: packError(error) });
    }
  }

  #pump(): void {
    const session = this.#session;
    while (session !== undefined && !this.#ending && this.#running.size < (session.concurrentRuns ?? 1)) {
      const request = this.#queue.shift();
      if (request === undefined) return;
      const work = this.#execute(session, request).finally(() => {
        this.#running.delete(work);
        this.#pump();
      });
      this.#running.add(work);
    }
  }

  /** Ends when the answer has left the child: a native call that began earlier would hold it back. */
  async #execute(session: ServedSession, { id, input, outputs, tokens }: RunRequest): Promise<void> {
    const signal = this.#controllers.get(id)?.signal ?? AbortSignal.abort();
    try {
      if (signal.aborted) throw abortedError('The run');
      const result = await session.run({ input, outputs, tokens, signal });
      if (signal.aborted) throw abortedError('The run');
      await this.#channel.send({ kind: 'result', id, ...result });
    } catch (error) {
      await this.#channel.send({ kind: 'failed', id, error: packError(error) });
    } finally {
      this.#controllers.delete(id);
    }
  }

  readonly #nativeCall: NativeCall = async (call, signal) => {
    await nextTurn();
    const { flag } = this.#channel;
    if (this.#ending || signal?.aborted) throw abortedError('The call', signal);
    if (flag?.enter() === false) throw abortedError('The call');
    try {
      return await call();
    } finally {
      flag?.leave();
      // Another call may be running beside this one.
      if (flag?.stopped && flag.stop()) this.#channel.exit();
      await this.#channel.send({ kind: 'call-ended' });
    }
  };

  async #end(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    for (const controller of this.#controllers.values()) controller.abort();
    await this.#opening;
    await Promise.allSettled(this.#running);
    const { flag } = this.#channel;
    const mayCall = flag?.enter() !== false;
    try {
      if (mayCall) await this.#session?.close();
    } finally {
      if (mayCall) flag?.leave();
      this.#channel.exit();
    }
  }
}
