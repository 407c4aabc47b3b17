import { setMaxListeners } from 'node:events';
import { performance } from 'node:perf_hooks';
import { Admission, type QueueLimits, type Room } from './admission.js';
import { Entry } from './entry.js';
import { FairQueue } from './fair-queue.js';
import { oneGroup } from './group.js';
import { type Candidate, nextBatch } from './next-batch.js';
import { optionInvalid, schedulerClosed } from './scheduler-error.js';
import type { Reservation, SchedulerOptions, SchedulerState, SubmitOptions } from './scheduler-options.js';
import { ServiceRate } from './service-rate.js';
import { Turns } from './turns.js';

/** An item that is ready for a device. */
interface Ready<Item, Prepared, Result> extends Candidate {
  readonly entry: Entry<Item, Result>;
  readonly value: Prepared;
}

const noLimits: QueueLimits = { items: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
/** The longest that a timer can wait. */
const longestTimer = 2 ** 31 - 1;

/**
 * Turns items into batches. A batch is what is ready when a device gets free, up to the largest that suits it: batches grow
 * by themselves under load, and nothing waits for more to come. Items are made ready beside the devices, only so far ahead
 * as `capacity` says, and in fair turns between the clients. Who gives up, by a signal or a deadline, costs no device time
 * unless the device has begun.
 */
export class Scheduler<Item, Prepared, Result> {
  readonly #options: SchedulerOptions<Item, Prepared, Result>;
  readonly #maxBatchWait: number;
  readonly #waiting = new FairQueue<Entry<Item, Result>>();
  readonly #turns = new Turns();
  readonly #preparing = new Set<Entry<Item, Result>>();
  readonly #prepared = new Map<Entry<Item, Result>, Ready<Item, Prepared, Result>>();
  readonly #running = new Set<readonly Entry<Item, Result>[]>();
  readonly #admission: Admission;
  readonly #rate = new ServiceRate();
  #batchTimer: NodeJS.Timeout | undefined;
  #closedWith: Error | undefined;

  /** @throws WebsslError `SCHEDULER_OPTION_INVALID` for a limit or a time that is none */
  constructor(options: SchedulerOptions<Item, Prepared, Result>) {
    const { maxBatchWait = 0, limits = noLimits } = options;
    if (!(maxBatchWait >= 0 && maxBatchWait <= longestTimer)) {
      throw optionInvalid('maxBatchWait', maxBatchWait, `a number of milliseconds from 0 to ${longestTimer}`);
    }
    for (const kind of ['items', 'bytes'] as const) {
      if (!(limits[kind] >= 1)) throw optionInvalid(`the limit of ${kind}`, limits[kind], 'at least 1');
    }
    this.#options = options;
    this.#maxBatchWait = maxBatchWait;
    this.#admission = new Admission(limits, () => this.#rate.perSecond);
  }

  get state(): SchedulerState {
    return {
      waiting: this.#waiting.size,
      preparing: this.#preparing.size,
      prepared: this.#prepared.size,
      running: [...this.#running].reduce((sum, entries) => sum + entries.length, 0),
      batchesRunning: this.#running.size,
      held: this.#admission.held,
      itemsPerSecond: this.#rate.perSecond,
    };
  }

  /**
   * Queues one item and waits for its result.
   *
   * @throws WebsslError `QUEUE_FULL`, `QUEUE_TOO_SMALL`, `DEADLINE_EXCEEDED`, `SCHEDULER_CLOSED`; the signal's reason; what
   *   `prepare` and `run` throw
   */
  async submit(item: Item, options: SubmitOptions = {}): Promise<Result> {
    const reservation = this.reserve({ items: 1 }, options.client);
    try {
      return await reservation.submit(item, options);
    } finally {
      reservation.release();
    }
  }

  /**
   * Holds room for the items of one request, so that all of them are taken or none.
   *
   * @throws WebsslError `QUEUE_FULL`, `QUEUE_TOO_SMALL`, `SCHEDULER_CLOSED`
   */
  reserve(room: Partial<Room>, client = ''): Reservation<Item, Result> {
    if (this.#closedWith !== undefined) throw this.#closedWith;
    const admission = this.#admission;
    const held = { items: 0, bytes: 0 };
    const grow = ({ items = 0, bytes = 0 }: Partial<Room>): void => {
      admission.take(client, { items, bytes });
      held.items += items;
      held.bytes += bytes;
    };
    grow(room);
    return {
      grow,
      submit: (item, options = {}) => {
        if (held.items === 0) throw new RangeError('every place of this reservation is used');
        const group = this.#options.groupOf?.(item) ?? oneGroup;
        held.items--;
        return new Promise<Result>((resolve, reject) => {
          let isPlaceHeld = true;
          const entry: Entry<Item, Result> = new Entry({
            item,
            group,
            deadline: options.deadline,
            signal: options.signal,
            onPlaceFree: () => {
              if (isPlaceHeld) admission.giveBack(client, { items: 1, bytes: 0 });
              isPlaceHeld = false;
            },
            onSettled: (outcome) => {
              if ('value' in outcome) resolve(outcome.value);
              else reject(outcome.error);
              this.#forget(client, entry);
            },
          });
          this.#queue(client, entry);
        });
      },
      release: () => {
        const rest = { ...held };
        held.items = 0;
        held.bytes = 0;
        admission.giveBack(client, rest);
      },
    };
  }

  /** Takes no more work and gives up what there is: it rejects with the reason, and so does all later work. Idempotent. */
  close(reason: Error = schedulerClosed()): void {
    this.#closedWith ??= reason;
    clearTimeout(this.#batchTimer);
    const open = [...this.#preparing, ...this.#prepared.keys(), ...[...this.#running].flat()];
    for (let next = this.#waiting.take(); next !== undefined; next = this.#waiting.take())
      open.push(next.entry);
    for (const entry of open) entry.settle({ error: this.#closedWith });
  }

  #queue(client: string, entry: Entry<Item, Result>): void {
    if (this.#closedWith !== undefined) {
      entry.settle({ error: this.#closedWith });
      return;
    }
    this.#waiting.add(client, entry);
    entry.watch();
    this.#advance();
  }

  #forget(client: string, entry: Entry<Item, Result>): void {
    this.#waiting.delete(client, entry);
    this.#prepared.delete(entry);
    if (entry.turn !== undefined) this.#turns.giveUp(entry.turn);
    this.#advance();
  }

  /** Whatever can go on, goes on. */
  #advance(): void {
    if (this.#closedWith !== undefined) return;
    this.#prepareAhead();
    this.#sendBatches();
  }

  #prepareAhead(): void {
    const { ahead } = this.#options.capacity();
    while (this.#preparing.size + this.#prepared.size < ahead) {
      const next = this.#waiting.take();
      if (next === undefined) return;
      void this.#prepare(next.client, next.entry);
    }
  }

  async #prepare(client: string, entry: Entry<Item, Result>): Promise<void> {
    const turn = this.#turns.take(client);
    entry.turn = turn;
    this.#preparing.add(entry);
    try {
      const value = await this.#options.prepare(entry.item, entry.signal);
      this.#preparing.delete(entry);
      if (!entry.isSettled) {
        this.#prepared.set(entry, { entry, group: entry.group, turn, value, since: performance.now() });
      }
    } catch (error) {
      this.#preparing.delete(entry);
      entry.settle({ error });
    }
    this.#advance();
  }

  #sendBatches(): void {
    clearTimeout(this.#batchTimer);
    const now = performance.now();
    for (const entry of [...this.#prepared.keys()]) entry.checkDeadline(now);
    for (;;) {
      const next = nextBatch({
        capacity: this.#options.capacity(),
        batchesRunning: this.#running.size,
        prepared: this.#prepared.values(),
        preparing: [...this.#preparing].map(({ group }) => group),
        maxBatchWait: this.#maxBatchWait,
        now,
      });
      if (next.items !== undefined) {
        void this.#run(next.items);
        continue;
      }
      // Once more: where an item was given up above, this has happened within itself.
      clearTimeout(this.#batchTimer);
      if (next.askAgainIn !== undefined) {
        this.#batchTimer = setTimeout(() => this.#advance(), Math.ceil(next.askAgainIn));
      }
      return;
    }
  }

  async #run(batch: readonly Ready<Item, Prepared, Result>[]): Promise<void> {
    const started = performance.now();
    const entries = batch.map(({ entry }) => entry);
    const nobodyWaits = new AbortController();
    // Every item of a batch may listen to it.
    setMaxListeners(0, nobodyWaits.signal);
    this.#running.add(entries);
    for (const { entry, turn } of batch) {
      this.#prepared.delete(entry);
      this.#turns.sent(turn);
      entry.freePlace();
      entry.onSettledEarly = () => {
        if (entries.every(({ isSettled }) => isSettled)) nobodyWaits.abort();
      };
    }
    let failure: { readonly error: unknown } | undefined;
    let results: readonly Result[] = [];
    try {
      results = await this.#options.run(
        batch.map(({ value }) => value),
        nobodyWaits.signal,
      );
      if (results.length !== entries.length) {
        throw new Error(`a batch of ${entries.length} came back with ${results.length} results`);
      }
    } catch (error) {
      failure = { error };
    }
    const ended = performance.now();
    this.#running.delete(entries);
    if (failure === undefined) this.#rate.batchEnded(entries.length, started, ended);
    entries.forEach((entry, position) => {
      entry.settle(failure ?? { value: results[position] as Result });
    });
    this.#options.onBatch?.({
      items: entries.length,
      waits: entries.map((entry) => started - entry.submitted),
      duration: ended - started,
      ...failure,
    });
    this.#advance();
  }
}
