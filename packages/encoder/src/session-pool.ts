import {
  type Backend,
  type DeviceInfo,
  type ImageSize,
  type Isolation,
  type ModelSource,
  type PixelBatch,
  type Precision,
  type RunResult,
  WebsslError,
} from '@webssl/backend';
import { covers, type Demand } from './feature.js';
import { type DeviceHealth, PoolMember } from './pool-member.js';

/** The sessions, one a device, that were opened for one demand. */
interface Group {
  readonly demand: Demand;
  readonly members: readonly PoolMember[];
}

/** A session that was lost while the encoder needed it. */
export interface DeviceLoss {
  /** The device, as it last said what it is; absent where it never did. */
  readonly device: DeviceInfo | undefined;
  readonly error: Error;
  /** Whether the encoder goes on without this device. Otherwise it opens a fresh session on it. */
  readonly retired: boolean;
}

export interface SessionPoolOptions {
  /** One session is opened on each. */
  readonly backends: readonly Backend[];
  readonly source: ModelSource;
  readonly size: ImageSize;
  readonly precision: Precision | undefined;
  readonly isolation: Isolation | undefined;
  readonly onDeviceLost?: ((loss: DeviceLoss) => void) | undefined;
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
  /** Replaced, but with runs to finish. */
  readonly #retiring = new Set<Group>();
  readonly #devices: DeviceInfo[] = [];
  readonly #runsInFlight: number[];
  #closing: Promise<void> | undefined;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
    this.#health = options.backends.map(() => ({ lossesInARow: 0, defective: false }));
    this.#runsInFlight = options.backends.map(() => usualRunsInFlight);
  }

  /** What really executes, in the order of the devices. */
  get devices(): readonly DeviceInfo[] {
    return this.#devices;
  }

  /** How many runs keep every device busy while the next ones are being prepared. */
  get runsInFlight(): number {
    return this.#runsInFlight.reduce((sum, runs) => sum + runs, 0);
  }

  /**
   * Opens the sessions for a demand, if none serves it yet.
   *
   * @returns the largest batch that suits the devices
   */
  async open(demand: Demand, signal?: AbortSignal): Promise<number> {
    const group = this.#groupFor(demand);
    const opened = await Promise.allSettled(group.members.map((member) => member.session(signal)));
    const sessions = opened.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    return Math.max(1, ...sessions.flatMap((session) => session.batchSizes));
  }

  /** Runs a batch on the device with the least to do. */
  async run(input: PixelBatch, demand: Demand, signal?: AbortSignal): Promise<RunResult> {
    const group = this.#groupFor(demand);
    const member = leastBusy(this.#inService(group));
    try {
      return await member.run(input, demand, signal);
    } catch (error) {
      if (!member.isLoss(error) || this.#closing !== undefined) throw error;
      const others = this.#inService(group).filter((other) => other !== member);
      if (others.length === 0 && member.health.defective) throw error;
      return await leastBusy(others.length === 0 ? [member] : others).run(input, demand, signal);
    } finally {
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

  /** The devices that are used; all of them where none is good. */
  #inService(group: Group): readonly PoolMember[] {
    const good = group.members.filter(({ health }) => !isRetired(health));
    return good.length === 0 ? group.members : good;
  }

  #groupFor(demand: Demand): Group {
    if (this.#closing !== undefined) throw closedError();
    if (this.#first !== undefined && covers(this.#first.demand, demand)) return this.#first;
    if (this.#other !== undefined && covers(this.#other.demand, demand)) return this.#other;
    const group = { demand, members: this.#options.backends.map((_, index) => this.#member(index, demand)) };
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
    const { backends, source, size, precision, isolation, onDeviceLost } = this.#options;
    const backend = backends[index] as Backend;
    const health = this.#health[index] as DeviceHealth;
    return new PoolMember({
      backend,
      source,
      health,
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
    if (!this.#retiring.has(group) || group.members.some(({ running }) => running > 0)) return;
    this.#retiring.delete(group);
    void closeGroup(group);
  }
}

function isRetired({ lossesInARow, defective }: DeviceHealth): boolean {
  return defective || lossesInARow >= lossesThatRetire;
}

function leastBusy(members: readonly PoolMember[]): PoolMember {
  return members.reduce((least, other) => (other.running < least.running ? other : least));
}

/** What every use of a closed encoder is answered with. */
export function closedError(): WebsslError {
  return new WebsslError({
    code: 'ENCODER_CLOSED',
    message: 'The encoder has been closed. Load it again to encode more images.',
  });
}

async function closeGroup(group: Group | undefined): Promise<void> {
  await Promise.all((group?.members ?? []).map((member) => member.close()));
}
