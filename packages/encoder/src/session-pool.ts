import { performance } from 'node:perf_hooks';
import type {
  Backend,
  DeviceInfo,
  ImageSize,
  Isolation,
  ModelSource,
  PixelBatch,
  Precision,
  RunResult,
} from '@webssl/backend';
import { closedError } from './closed-error.js';
import type { DeviceCheck, DeviceLoss, DeviceState } from './device-state.js';
import { covers, type Demand } from './feature.js';
import { type DeviceHealth, PoolMember } from './pool-member.js';

export { closedError } from './closed-error.js';

/** The sessions, one a device, that were opened for one demand. */
interface Group {
  readonly demand: Demand;
  readonly members: readonly PoolMember[];
  /** Openings and runs that are under way, a run with what is tried again of it. */
  users: number;
}

export interface SessionPoolOptions {
  /** One session is opened on each. */
  readonly backends: readonly Backend[];
  readonly source: ModelSource;
  readonly size: ImageSize;
  readonly precision: Precision | undefined;
  readonly isolation: Isolation | undefined;
  readonly onDeviceLost?: ((loss: DeviceLoss) => void) | undefined;
  readonly reopenDelay?: ((lossesInARow: number) => number) | undefined;
}

/** A device is left out after so many lost sessions without a batch in between, where there are others. */
const lossesThatRetire = 2;

/** Runs in flight on a device that has not said how many it takes. */
const usualRunsInFlight = 2;

/**
 * Sessions on one or several devices. A run that the open sessions cannot serve opens others, for just what it needs;
 * besides the first demand only the latest other one is kept open, because each holds buffers on the device.
 *
 * A run whose session is lost under it is executed once more, on another device or on a fresh session of the same.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #health: readonly DeviceHealth[];
  #first: Group | undefined;
  #other: Group | undefined;
  /** Replaced, but still in use. */
  readonly #retiring = new Set<Group>();
  /** Ends of replaced sessions that are under way. */
  readonly #closings = new Set<Promise<void>>();
  readonly #devices: DeviceInfo[] = [];
  readonly #runsInFlight: number[];
  #closing: Promise<void> | undefined;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
    this.#health = options.backends.map(() => ({
      lossesInARow: 0,
      defective: false,
      error: undefined,
      notBefore: 0,
    }));
    this.#runsInFlight = options.backends.map(() => usualRunsInFlight);
  }

  /** What really executes, in the order of the devices. */
  get devices(): readonly DeviceInfo[] {
    return this.#devices;
  }

  /** How many devices are used: all of them where none is good. */
  get devicesInService(): number {
    return this.#healthInService().length;
  }

  /** How many runs keep every device that is used busy while the next ones are being prepared. */
  get runsInFlight(): number {
    const used = new Set(this.#healthInService());
    return this.#runsInFlight.reduce(
      (sum, runs, index) => (used.has(this.#health[index] as DeviceHealth) ? sum + runs : sum),
      0,
    );
  }

  /** How well each device is, in their order. */
  get states(): readonly DeviceState[] {
    return this.#health.map((health, index) => ({
      device: this.#devices[index],
      state: isRetired(health) ? 'retired' : health.error === undefined ? 'good' : 'lost',
      ...(health.error === undefined ? {} : { error: health.error }),
    }));
  }

  /**
   * Runs a batch of every size that suits it on each device, also on those that are left out: what succeeds is used again.
   *
   * @param input makes the batch of a size
   * @throws the signal's reason; WebsslError `ENCODER_CLOSED`
   */
  async check(
    input: (batch: number) => PixelBatch,
    demand: Demand,
    signal?: AbortSignal,
  ): Promise<readonly DeviceCheck[]> {
    return this.#using(demand, async ({ members }) => {
      const checks = members.map(async (member, index): Promise<DeviceCheck> => {
        try {
          const { batchSizes, device } = await member.session(signal);
          const milliseconds = new Map<number, number>();
          for (const batch of batchSizes) {
            const started = performance.now();
            await member.run(input(batch), demand, signal);
            milliseconds.set(batch, performance.now() - started);
          }
          member.health.defective = false;
          return { device, milliseconds };
        } catch (error) {
          signal?.throwIfAborted();
          if (this.#closing !== undefined) throw closedError();
          return {
            device: this.#devices[index],
            error: error instanceof Error ? error : new Error(String(error)),
          };
        }
      });
      return Promise.all(checks);
    });
  }

  /**
   * Opens the sessions for a demand, if none serves it yet.
   *
   * @returns the largest batch that suits the devices
   */
  async open(demand: Demand, signal?: AbortSignal): Promise<number> {
    return this.#using(demand, async ({ members }) => {
      const opened = await Promise.allSettled(members.map((member) => member.session(signal)));
      const sessions = opened.map((result) => {
        if (result.status === 'rejected') throw result.reason;
        return result.value;
      });
      return Math.max(1, ...sessions.flatMap((session) => session.batchSizes));
    });
  }

  /** Runs a batch on the device with the least to do. */
  async run(input: PixelBatch, demand: Demand, signal?: AbortSignal): Promise<RunResult> {
    return this.#using(demand, async (group) => {
      const member = leastBusy(this.#inService(group));
      try {
        return await member.run(input, demand, signal);
      } catch (error) {
        if (!member.isLoss(error) || this.#closing !== undefined) throw error;
        const others = this.#inService(group).filter((other) => other !== member);
        if (others.length === 0 && member.health.defective) throw error;
        return await leastBusy(others.length === 0 ? [member] : others).run(input, demand, signal);
      }
    });
  }

  /** Ends every session. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([
      ...[this.#first, this.#other, ...this.#retiring].map(closeGroup),
      ...this.#closings,
    ]).then(() => undefined);
    return this.#closing;
  }

  /** Uses the group that serves a demand: it is not closed meanwhile, unless the whole pool is. */
  async #using<Result>(demand: Demand, use: (group: Group) => Promise<Result>): Promise<Result> {
    const group = this.#groupFor(demand);
    group.users++;
    try {
      return await use(group);
    } finally {
      group.users--;
      this.#closeRetired(group);
    }
  }

  #healthInService(): readonly DeviceHealth[] {
    const good = this.#health.filter((health) => !isRetired(health));
    const ready = good.filter((health) => !isResting(health));
    return [ready, good].find(({ length }) => length > 0) ?? this.#health;
  }

  /** The devices that are used; all of them where none is good. */
  #inService(group: Group): readonly PoolMember[] {
    const used = new Set(this.#healthInService());
    return group.members.filter(({ health }) => used.has(health));
  }

  #groupFor(demand: Demand): Group {
    if (this.#closing !== undefined) throw closedError();
    if (this.#first !== undefined && covers(this.#first.demand, demand)) return this.#first;
    if (this.#other !== undefined && covers(this.#other.demand, demand)) return this.#other;
    const members = this.#options.backends.map((_, index) => this.#member(index, demand));
    const group: Group = { demand, members, users: 0 };
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

  #member(index: number, demand: Demand): PoolMember {
    const { backends, source, size, precision, isolation, onDeviceLost, reopenDelay } = this.#options;
    const backend = backends[index] as Backend;
    const health = this.#health[index] as DeviceHealth;
    return new PoolMember({
      backend,
      source,
      health,
      reopenDelay,
      open: {
        size,
        outputs: demand.outputs,
        tokens: demand.tokens,
        ...(precision === undefined ? {} : { precision }),
        ...(isolation === undefined ? {} : { isolation }),
      },
      onOpened: ({ device, maxInFlight }) => {
        this.#devices[index] = device;
        this.#runsInFlight[index] = Math.max(usualRunsInFlight, maxInFlight);
      },
      onLost: (error) =>
        onDeviceLost?.({
          device: this.#devices[index],
          error,
          retired: isRetired(health) && this.#health.some((other) => !isRetired(other)),
        }),
    });
  }

  /** A replaced session finishes the runs that it has before it is closed for its successor. */
  #closeRetired(group: Group): void {
    if (group.users > 0 || !this.#retiring.delete(group)) return;
    const closing = closeGroup(group);
    this.#closings.add(closing);
    const forget = () => this.#closings.delete(closing);
    closing.then(forget, forget);
  }
}

function isRetired({ lossesInARow, defective }: DeviceHealth): boolean {
  return defective || lossesInARow >= lossesThatRetire;
}

/** Whether it was lost and is not tried again yet. */
function isResting({ error, notBefore }: DeviceHealth): boolean {
  return error !== undefined && performance.now() < notBefore;
}

function leastBusy(members: readonly PoolMember[]): PoolMember {
  return members.reduce((least, other) => (other.running < least.running ? other : least));
}

async function closeGroup(group: Group | undefined): Promise<void> {
  await Promise.all((group?.members ?? []).map((member) => member.close()));
}
