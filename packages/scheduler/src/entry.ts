import { performance } from 'node:perf_hooks';
import { onAbort } from './abort-listeners.js';
import type { Group } from './group.js';
import { deadlineExceeded } from './scheduler-error.js';
import type { Turn } from './turns.js';

/** A result or the error in its place. */
export type Outcome<Result> = { readonly value: Result } | { readonly error: unknown };

export interface EntryOptions<Item, Result> {
  readonly item: Item;
  readonly group: Group;
  readonly deadline: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Told once the item needs no place in the queue any more, perhaps more than once. */
  readonly onPlaceFree: () => void;
  readonly onSettled: (outcome: Outcome<Result>) => void;
}

/** The longest that a timer can wait; a later deadline is no deadline. */
const longestTimer = 2 ** 31 - 1;

/** One item on its way through the scheduler. */
export class Entry<Item, Result> {
  readonly item: Item;
  readonly group: Group;
  readonly submitted = performance.now();
  /** Given when its preparation begins. */
  turn: Turn | undefined;
  /** Told when the item is given up while its batch runs. */
  onSettledEarly: (() => void) | undefined;
  readonly #options: EntryOptions<Item, Result>;
  /** Ends the preparation of an item that is given up. */
  readonly #givingUp = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  #isSettled = false;

  constructor(options: EntryOptions<Item, Result>) {
    this.item = options.item;
    this.group = options.group;
    this.#options = options;
  }

  /** Aborts when nobody waits for the result any more. */
  get signal(): AbortSignal {
    return this.#givingUp.signal;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Begins to listen to the signal and the deadline. */
  watch(): void {
    const { signal, deadline } = this.#options;
    const giveUp = () => this.settle({ error: signal?.reason });
    if (signal?.aborted) {
      giveUp();
      return;
    }
    if (signal !== undefined) this.#stopListening = onAbort(signal, giveUp);
    if (deadline === undefined) return;
    const left = deadline - performance.now();
    if (left <= 0) this.#settleLate();
    else if (left <= longestTimer) this.#timer = setTimeout(() => this.#settleLate(), left);
  }

  /** Ends it if its deadline has passed: where the event loop was busy the timer may not have come to say so. */
  checkDeadline(now: number): void {
    if (now >= (this.#options.deadline ?? Number.POSITIVE_INFINITY)) this.#settleLate();
  }

  freePlace(): void {
    this.#options.onPlaceFree();
  }

  /** Gives the result or the error to who waits. Only the first time counts. */
  settle(outcome: Outcome<Result>): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#stopListening?.();
    this.freePlace();
    if ('error' in outcome) {
      this.#givingUp.abort(outcome.error);
      this.onSettledEarly?.();
    }
    this.#options.onSettled(outcome);
  }

  #settleLate(): void {
    this.settle({ error: deadlineExceeded(performance.now() - this.submitted) });
  }
}
