import { clientQueueFull, exceedsQueue, type QueueRoom, queueFull } from './scheduler-error.js';

/** What waits at most before the device. Bytes are those that callers say their items hold in memory. */
export interface QueueLimits {
  readonly items: number;
  readonly bytes: number;
}

/** Items and the bytes that they hold. */
export interface Room {
  readonly items: number;
  readonly bytes: number;
}

/** A client may take so much of the queue: the rest is for others. */
const shareOfOneClient = 0.75;
const longestRetrySeconds = 600;

const kinds = ['items', 'bytes'] as const;

/** Counts what is in the queue, in all and by client, and refuses what would be too much. */
export class Admission {
  readonly #limits: QueueLimits;
  readonly #ratePerSecond: () => number | undefined;
  readonly #held: Record<keyof Room, number> = { items: 0, bytes: 0 };
  readonly #clients = new Map<string, Record<keyof Room, number>>();

  /** @param ratePerSecond items that leave the queue in a second, where that is known */
  constructor(limits: QueueLimits, ratePerSecond: () => number | undefined) {
    this.#limits = limits;
    this.#ratePerSecond = ratePerSecond;
  }

  get held(): Room {
    return { ...this.#held };
  }

  /**
   * Takes room, all of it or none.
   *
   * @throws WebsslError `QUEUE_FULL` with `details.retryAfterSeconds`, `QUEUE_TOO_SMALL` for what never fits
   */
  take(client: string, room: Room): void {
    const own = this.#clients.get(client) ?? { items: 0, bytes: 0 };
    for (const kind of kinds) {
      const limit = this.#limits[kind];
      const share = shareOf(limit);
      const wanted = room[kind];
      if (wanted === 0) continue;
      if (wanted > share) throw exceedsQueue({ kind, wanted, limit: share });
      this.#check({ kind, wanted, held: this.#held[kind], limit }, queueFull);
      this.#check({ kind, wanted, held: own[kind], limit: share }, clientQueueFull);
    }
    for (const kind of kinds) {
      this.#held[kind] += room[kind];
      own[kind] += room[kind];
    }
    this.#clients.set(client, own);
  }

  giveBack(client: string, room: Room): void {
    const own = this.#clients.get(client);
    if (own === undefined) return;
    for (const kind of kinds) {
      this.#held[kind] -= room[kind];
      own[kind] -= room[kind];
    }
    if (own.items === 0 && own.bytes === 0) this.#clients.delete(client);
  }

  #check(room: QueueRoom, refusal: typeof queueFull): void {
    const excess = room.held + room.wanted - room.limit;
    if (excess > 0) throw refusal(room, this.#secondsUntilFree(room, excess));
  }

  /** Bytes are taken to leave the queue as evenly as items do. */
  #secondsUntilFree({ kind, held }: QueueRoom, excess: number): number {
    const rate = this.#ratePerSecond();
    if (rate === undefined) return 1;
    const items = kind === 'items' ? excess : (excess / held) * Math.max(1, this.#held.items);
    return Math.min(longestRetrySeconds, Math.max(1, Math.ceil(items / rate)));
  }
}

/** At least one item, so that a queue for one or two is of use to somebody. */
function shareOf(limit: number): number {
  return Math.max(1, Math.floor(limit * shareOfOneClient));
}
