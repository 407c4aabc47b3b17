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

/** One device of the pool with the session that is open on it for one demand. */
interface Member {
  readonly backend: Backend;
  session: Promise<BackendSession> | undefined;
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
    }
  }

  /** Ends every session. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#first, this.#other].map(closeGroup)).then(() => undefined);
    return this.#closing;
  }

  #groupFor(demand: Demand): Group {
    if (this.#closing !== undefined) throw closedError();
    if (this.#first !== undefined && covers(this.#first.demand, demand)) return this.#first;
    if (this.#other !== undefined && covers(this.#other.demand, demand)) return this.#other;
    const group: Group = {
      demand,
      members: this.#options.backends.map((backend) => ({ backend, session: undefined, running: 0 })),
    };
    if (this.#first === undefined) {
      this.#first = group;
    } else {
      const replaced = this.#other;
      this.#other = group;
      // A session finishes the runs that it has before it is closed for its successor.
      void closeWhenIdle(replaced);
    }
    return group;
  }

  /** The member's open session; one that failed to open or was lost is opened again. */
  #session({ demand }: Group, member: Member, signal: AbortSignal | undefined): Promise<BackendSession> {
    if (member.session !== undefined) return member.session;
    const { source, size, precision, isolation } = this.#options;
    const opening = member.backend.open(source, {
      size,
      outputs: demand.outputs,
      tokens: demand.tokens,
      ...(precision === undefined ? {} : { precision }),
      ...(isolation === undefined ? {} : { isolation }),
      ...(signal === undefined ? {} : { signal }),
    });
    const forget = () => {
      if (member.session === opening) member.session = undefined;
    };
    member.session = opening;
    opening.then((session) => {
      this.#devices[this.#options.backends.indexOf(member.backend)] = session.device;
      return session.closed.then(forget);
    }, forget);
    return opening;
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
      const session = await member.session?.catch(() => undefined);
      await session?.close();
    }),
  );
}

async function closeWhenIdle(group: Group | undefined): Promise<void> {
  while (group?.members.some((member) => member.running > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 20).unref());
  }
  await closeGroup(group);
}
