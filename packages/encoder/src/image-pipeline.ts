import { setMaxListeners } from 'node:events';
import { AsyncQueue } from './async-queue.js';
import { deferred } from './deferred.js';
import { orAborted } from './or-aborted.js';
import { Permits } from './permits.js';

/** A value or the error in its place. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** One image on its way through the pipeline. */
interface Slot<Image, Prepared, Result> {
  readonly image: Image;
  readonly prepared: Promise<Outcome<Prepared>>;
  readonly result: Promise<Outcome<Result>>;
  readonly settle: (outcome: Outcome<Result>) => void;
}

export interface PipelineOptions<Image, Prepared, Result> {
  /** Images between being read from the source and being handed out; bounds the memory. */
  readonly window: number;
  readonly batch: number;
  /** Batches on the devices at once. */
  readonly batchesInFlight: number;
  /** Makes an image ready; called ahead of the device. */
  readonly prepare: (image: Image, signal: AbortSignal) => Promise<Prepared>;
  /** Computes a batch; one result for each prepared image, in order. */
  readonly run: (prepared: readonly Prepared[], signal: AbortSignal) => Promise<readonly Result[]>;
  /** Each of them ends everything. */
  readonly signals: readonly AbortSignal[];
}

/** What the pipeline hands out for each image. */
export interface PipelineResult<Image, Result> {
  readonly index: number;
  readonly image: Image;
  readonly outcome: Outcome<Result>;
}

/**
 * Takes images from any source, prepares them ahead while earlier ones are on the device, and hands out one result an
 * image in the order of the source. An image that fails takes no other with it. Leaving the loop early stops everything.
 *
 * @throws what the source throws, after the results of the images before; the reason of a signal when it aborts
 */
export async function* runPipeline<Image, Prepared, Result>(
  images: Iterable<Image> | AsyncIterable<Image>,
  options: PipelineOptions<Image, Prepared, Result>,
): AsyncGenerator<PipelineResult<Image, Result>, void, undefined> {
  const stop = new AbortController();
  const { signal } = stop;
  // Every image of the window listens to it: Node would warn of a leak from the eleventh on.
  setMaxListeners(0, signal);
  // Not AbortSignal.any: on Node 20 a signal that lives long keeps a record of every one that was derived from it.
  const follow = ({ target }: Event) => stop.abort((target as AbortSignal).reason);
  for (const followed of options.signals) {
    if (followed.aborted) stop.abort(followed.reason);
    followed.addEventListener('abort', follow, { once: true });
  }
  const permits = new Permits(options.window);
  const inOrder = new AsyncQueue<Slot<Image, Prepared, Result>>();
  const toRun = new AsyncQueue<Slot<Image, Prepared, Result>>();
  void readSource(images, options, { signal, permits, inOrder, toRun });
  void dispatchBatches(options, { signal, toRun });
  try {
    for (let index = 0; ; index++) {
      const slot = await orAborted(inOrder.shift(), signal);
      if (slot === undefined) return;
      const outcome = await orAborted(slot.result, signal);
      permits.release();
      yield { index, image: slot.image, outcome };
    }
  } finally {
    for (const followed of options.signals) followed.removeEventListener('abort', follow);
    stop.abort();
    // Wakes the reader, so that it ends the source.
    permits.release();
  }
}

async function readSource<Image, Prepared, Result>(
  images: Iterable<Image> | AsyncIterable<Image>,
  { prepare }: PipelineOptions<Image, Prepared, Result>,
  {
    signal,
    permits,
    inOrder,
    toRun,
  }: {
    readonly signal: AbortSignal;
    readonly permits: Permits;
    readonly inOrder: AsyncQueue<Slot<Image, Prepared, Result>>;
    readonly toRun: AsyncQueue<Slot<Image, Prepared, Result>>;
  },
): Promise<void> {
  try {
    await permits.acquire();
    for await (const image of images) {
      const { promise: result, resolve: settle } = deferred<Outcome<Result>>();
      const slot = { image, prepared: outcomeOf(() => prepare(image, signal)), result, settle };
      inOrder.push(slot);
      toRun.push(slot);
      await permits.acquire();
      if (signal.aborted) break;
    }
    inOrder.end();
  } catch (error) {
    inOrder.fail(error);
  } finally {
    toRun.end();
  }
}

async function dispatchBatches<Image, Prepared, Result>(
  { batch, batchesInFlight, run }: PipelineOptions<Image, Prepared, Result>,
  {
    signal,
    toRun,
  }: { readonly signal: AbortSignal; readonly toRun: AsyncQueue<Slot<Image, Prepared, Result>> },
): Promise<void> {
  const permits = new Permits(batchesInFlight);
  for (;;) {
    await permits.acquire();
    const first = await toRun.shift();
    if (first === undefined) return;
    // What is waiting now goes together: a slow source is not waited for, a fast one fills every batch.
    const slots = [first, ...toRun.takeWaiting(batch - 1)];
    void runBatch(slots, run, signal).finally(() => permits.release());
  }
}

async function runBatch<Image, Prepared, Result>(
  slots: readonly Slot<Image, Prepared, Result>[],
  run: PipelineOptions<Image, Prepared, Result>['run'],
  signal: AbortSignal,
): Promise<void> {
  const ready: { readonly slot: Slot<Image, Prepared, Result>; readonly value: Prepared }[] = [];
  for (const slot of slots) {
    const prepared = await slot.prepared;
    if ('error' in prepared) slot.settle(prepared);
    else ready.push({ slot, value: prepared.value });
  }
  if (ready.length === 0) return;
  const outcome = await outcomeOf(() =>
    run(
      ready.map(({ value }) => value),
      signal,
    ),
  );
  ready.forEach(({ slot }, position) => {
    slot.settle('error' in outcome ? outcome : { value: outcome.value[position] as Result });
  });
}

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}
