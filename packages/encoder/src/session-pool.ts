import type {
  Backend,
  BackendSession,
  DeviceInfo,
  ImageSize,
  Isolation,
  ModelSource,
  PixelBatch,
  Precision,
  RunResult,
} from '@webssl/backend';
import { WebsslError } from '@webssl/backend';
import { covers, type Demand } from './feature.js';
import { orAborted } from './or-aborted.js';

/** One device of the pool with the session that is open on it for one demand. */
interface Member {
  readonly backend: Backend;
  session: Promise<BackendSession> | undefined;
  /** Ends the opening of the session; absent when none is under way. */
  opening: AbortController | undefined;
  /** Callers that wait for the opening. */
  waiting: number;
  running: number;
}

/** The sessions, one a device, that were opened for one demand. */
interface Group {
  readonly demand: Demand;
  readonly members: readonly Member[];
}

export interface SessionPoolOptions {
  /** One session is opened on each. */
  readonly backends: readonly Backend[];
  readonly source: ModelSource;
  readonly size: ImageSize;
  readonly precision: Precision | undefined;
  readonly isolation: Isolation | undefined;
}

/**
 * Sessions on one or several devices. A run that the open sessions cannot serve opens others, for just what it needs;
 * besides the first demand only the latest other one is kept open, because each holds buffers on the device.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  #first: Group | undefined;
  #other: Group | undefined;
  /** Replaced, but with runs to finish. */
  readonly #retiring = new Set<Group>();
  #devices: DeviceInfo[] = [];
  #closing: Promise<void> | undefined;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  /** What really executes, in the order of the devices. */
  get devices(): readonly DeviceInfo[] {
    return this.#devices;
  }

  /** How many runs keep every device busy while the next ones are being prepared. */
  get runsInFlight(): number {
    return this.#options.backends.length * 2;
  }

  /**
   * Opens the sessions for a demand, if none serves it yet.
   *
   * @returns the largest batch that suits the devices
   */
  async open(demand: Demand, signal?: AbortSignal): Promise<number> {
    const group = this.#groupFor(demand);
    const opened = await Promise.allSettled(
      group.members.map((member) => this.#session(group, member, signal)),
    );
    const sessions = opened.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    return Math.max(1, ...sessions.flatMap((session) => session.batchSizes));
  }

  /** Runs a batch on the device with the least to do. */
  async run(input: PixelBatch, demand: Demand, signal?: AbortSignal): Promise<RunResult> {
    const group = this.#groupFor(demand);
    const member = group.members.reduce((least, other) => (other.running < least.running ? other : least));
    member.running++;
    try {
      const session = await this.#session(group, member, signal);
      return await session.run(input, {
        outputs: demand.outputs,
        tokens: demand.tokens,
        ...(signal === undefined ? {} : { signal }),
      });
    } finally {
      member.running--;
      this.#closeRetired(group);
    }
  }

  /** Ends every session. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#first, this.#other, ...this.#retiring].map(closeGroup)).then(
      () => undefined,
    );
    return this.#closing;
  }

  #groupFor(demand: Demand): Group {
    if (this.#closing !== undefined) throw closedError();
    if (this.#first !== undefined && covers(this.#first.demand, demand)) return this.#first;
    if (this.#other !== undefined && covers(this.#other.demand, demand)) return this.#other;
    const group: Group = {
      demand,
      members: this.#options.backends.map((backend) => ({
        backend,
        session: undefined,
        opening: undefined,
        waiting: 0,
        running: 0,
      })),
    };
    if (this.#first === undefined) {
      this.#first = group;
    } else {
      const replaced = this.#other;
      this.#other = group;
      if (replaced !== undefined) {
        this.#retiring.add(replaced);
        this.#closeRetired(replaced);
      }
    }
    return group;
  }

  /** A replaced session finishes the runs that it has before it is closed for its successor. */
  #closeRetired(group: Group): void {
    if (!this.#retiring.has(group) || group.members.some(({ running }) => running > 0)) return;
    this.#retiring.delete(group);
    void closeGroup(group);
  }

  /**
   * The member's open session; one that failed to open or was lost is opened again. Several callers may wait for one
   * opening: who aborts leaves, and the opening ends with the last of them.
   */
  async #session(group: Group, member: Member, signal: AbortSignal | undefined): Promise<BackendSession> {
    signal?.throwIfAborted();
    const session = member.session ?? this.#openSession(group, member);
    member.waiting++;
    try {
      return await orAborted(session, signal);
    } finally {
      member.waiting--;
      if (member.waiting === 0) member.opening?.abort();
    }
  }

  #openSession({ demand }: Group, member: Member): Promise<BackendSession> {
    const { source, size, precision, isolation } = this.#options;
    const opening = new AbortController();
    const session = member.backend.open(source, {
      size,
      outputs: demand.outputs,
      tokens: demand.tokens,
      signal: opening.signal,
      ...(precision === undefined ? {} : { precision }),
      ...(isolation === undefined ? {} : { isolation }),
    });
    const forget = () => {
      if (member.session === session) member.session = undefined;
    };
    member.session = session;
    member.opening = opening;
    session.then(
      (opened) => {
        member.opening = undefined;
        this.#devices[this.#options.backends.indexOf(member.backend)] = opened.device;
        return opened.closed.then(forget);
      },
      () => {
        member.opening = undefined;
        forget();
      },
    );
    return session;
  }
}

/** What every use of a closed encoder is answered with. */
export function closedError(): WebsslError {
  return new WebsslError({
    code: 'ENCODER_CLOSED',
    message: 'The encoder has been closed. Load it again to encode more images.',
  });
}

async function closeGroup(group: Group | undefined): Promise<void> {
  await Promise.all(
    (group?.members ?? []).map(async (member) => {
      member.opening?.abort();
      const session = await member.session?.catch(() => undefined);
      await session?.close();
    }),
  );
}
