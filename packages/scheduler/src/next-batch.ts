import type { Group } from './group.js';
import type { Capacity } from './scheduler-options.js';
import { byTurn, type Turn } from './turns.js';

/** An item that is ready. */
export interface Candidate {
  readonly group: Group;
  readonly turn: Turn;
  /** When it was ready, in milliseconds. */
  readonly since: number;
}

export interface Situation<Item extends Candidate> {
  readonly capacity: Capacity;
  readonly batchesRunning: number;
  readonly prepared: Iterable<Item>;
  /** The groups of the items that are being made ready, one entry an item. */
  readonly preparing: readonly Group[];
  /** Milliseconds that a batch which may still grow waits for more though a device is free. */
  readonly maxBatchWait: number;
  /** In milliseconds of the clock of `since`. */
  readonly now: number;
}

/** The items to send now, or in how many milliseconds to ask again where only time is to pass. */
export type NextBatch<Item> =
  | { readonly items: readonly Item[] }
  | { readonly items: undefined; readonly askAgainIn: number | undefined };

/**
 * Chooses the batch to send. The item whose turn it is leads; those of its group that come next go with it.
 *
 * A batch that may still grow is sent to a free device alone, once it has waited as long as was asked for. Another group may
 * use a free device meanwhile; but no group overtakes the leader on the way behind a batch that runs: where that device is
 * always busy the leader would wait for ever.
 */
export function nextBatch<Item extends Candidate>(situation: Situation<Item>): NextBatch<Item> {
  const { capacity, batchesRunning, maxBatchWait, now } = situation;
  if (batchesRunning >= capacity.batchesInFlight) return { items: undefined, askAgainIn: undefined };
  const inTurn = [...situation.prepared].sort((left, right) => byTurn(left.turn, right.turn));
  const hasRoom = inTurn.length + situation.preparing.length < capacity.ahead;
  const isDeviceFree = batchesRunning < capacity.devices;
  let askAgainIn: number | undefined;
  for (const [key, items] of byGroup(inTurn, capacity.batch)) {
    const isFull = items.length === (items[0]?.group.batch ?? capacity.batch);
    const mayGrow = !isFull && (hasRoom || situation.preparing.some((group) => group.key === key));
    if (!mayGrow) return { items };
    if (!isDeviceFree) break;
    const wait = Math.min(...items.map(({ since }) => since)) + maxBatchWait - now;
    if (wait <= 0) return { items };
    askAgainIn = Math.min(wait, askAgainIn ?? wait);
  }
  return { items: undefined, askAgainIn };
}

/** The batch of each group, the one of the leader first. */
function byGroup<Item extends Candidate>(
  inTurn: readonly Item[],
  usualBatch: number,
): ReadonlyMap<string, readonly Item[]> {
  const batches = new Map<string, Item[]>();
  for (const item of inTurn) {
    const items = batches.get(item.group.key);
    if (items === undefined) batches.set(item.group.key, [item]);
    else if (items.length < (items[0]?.group.batch ?? usualBatch)) items.push(item);
  }
  return batches;
}
