import type { QueueLimits, Room } from './admission.js';
import type { Group } from './group.js';

/** What the devices can take; asked before every batch, because devices come and go. */
export interface Capacity {
  /** Items in one batch at most. */
  readonly batch: number;
  /** Batches that keep every device busy: one a device. */
  readonly devices: number;
  /** Batches on the devices at once. Those beyond `devices` wait behind another one and are only sent when they are full. */
  readonly batchesInFlight: number;
  /** Items that are made ready ahead of the devices. */
  readonly ahead: number;
}

export interface SchedulerOptions<Item, Prepared, Result> {
  readonly capacity: () => Capacity;
  /** Makes an item ready for a device, beside the devices. Its error is that of the item alone. */
  readonly prepare: (item: Item, signal: AbortSignal) => Promise<Prepared>;
  /**
   * Computes a batch: one result for each item, in order. Its error is that of every item of the batch. The signal aborts
   * when nobody waits for the batch any more.
   */
  readonly run: (batch: readonly Prepared[], signal: AbortSignal) => Promise<readonly Result[]>;
  /** Items of different groups never share a batch. Default: all are of one group. */
  readonly groupOf?: (item: Item) => Group;
  /** Default: without limit. */
  readonly limits?: QueueLimits;
  /** Milliseconds that a batch which is not full waits for more items though a device is free. Default 0. */
  readonly maxBatchWait?: number;
  /** Told of every batch that has ended. */
  readonly onBatch?: (batch: BatchReport) => void;
}

/** A batch that has ended. Times are in milliseconds. */
export interface BatchReport {
  readonly items: number;
  /** From being submitted until the batch was sent, of each item. */
  readonly waits: readonly number[];
  readonly duration: number;
  /** Why there are no results: the device's error, or the reason of an abort where nobody waited any more. */
  readonly error?: unknown;
}

export interface SubmitOptions {
  /** Who asks: clients take turns. Default: everybody who says nothing is one client. */
  readonly client?: string;
  /** When the result is of no use any more, in milliseconds of `performance.now()`. */
  readonly deadline?: number;
  /** Gives the item up. */
  readonly signal?: AbortSignal;
}

/** Room in the queue that is held for one request. */
export interface Reservation<Item, Result> {
  /** @throws WebsslError `QUEUE_FULL`, `QUEUE_TOO_SMALL`; the reservation stays as it was */
  grow(room: Partial<Room>): void;
  /**
   * Uses one of the reserved places; it is free again when the item goes to a device. See {@link Scheduler.submit}.
   *
   * @throws RangeError when every place is used
   */
  submit(item: Item, options?: Omit<SubmitOptions, 'client'>): Promise<Result>;
  /** Gives back the places that were not used, and the bytes. Idempotent. */
  release(): void;
}

/** How many items are where. */
export interface SchedulerState {
  readonly waiting: number;
  readonly preparing: number;
  /** Ready for a device. */
  readonly prepared: number;
  readonly running: number;
  readonly batchesRunning: number;
  /** What the queue's limits count: items until they run, and bytes until they are released. */
  readonly held: Room;
  /** Items a second that the devices work off while they have work; absent before the first batch. */
  readonly itemsPerSecond: number | undefined;
}
