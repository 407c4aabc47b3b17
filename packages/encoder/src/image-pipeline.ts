import { setMaxListeners } from 'node:events';
import { untilAborted } from '@webssl/backend/host';
import { AsyncQueue } from './async-queue.js';
import { Permits } from './permits.js';

/** A value or the error in its place. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** One image on its way through the pipeline. */
interface Slot<Image, Result> {
  readonly image: Image;
  readonly outcome: Promise<Outcome<Result>>;
}

export interface PipelineOptions<Image, Result> {
  /** Images between being read from the source and being handed out; bounds the memory. */
  readonly window: number;
  /** Computes one image. Called for the whole window at once. */
  readonly encode: (image: Image, signal: AbortSignal) => Promise<Result>;
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
 * Takes images from any source, has a window of them computed at once, and hands out one result an image in the order of the
 * source. An image that fails takes no other with it. Leaving the loop early stops everything.
 *
 * @throws what the source throws, after the results of the images before; the reason of a signal when it aborts
 */
export async function* runPipeline<Image, Result>(
  images: Iterable<Image> | AsyncIterable<Image>,
  options: PipelineOptions<Image, Result>,
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
  const inOrder = new AsyncQueue<Slot<Image, Result>>();
  void readSource(images, options, { signal, permits, inOrder });
  try {
    for (let index = 0; ; index++) {
      const slot = await untilAborted(inOrder.shift(), signal);
      if (slot === undefined) return;
      const outcome = await untilAborted(slot.outcome, signal);
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

async function readSource<Image, Result>(
  images: Iterable<Image> | AsyncIterable<Image>,
  { encode }: PipelineOptions<Image, Result>,
  {
    signal,
    permits,
    inOrder,
  }: {
    readonly signal: AbortSignal;
    readonly permits: Permits;
    readonly inOrder: AsyncQueue<Slot<Image, Result>>;
  },
): Promise<void> {
  try {
    await permits.acquire();
    for await (const image of images) {
      inOrder.push({ image, outcome: outcomeOf(() => encode(image, signal)) });
      await permits.acquire();
      if (signal.aborted) break;
    }
    inOrder.end();
  } catch (error) {
    inOrder.fail(error);
  }
}

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}
