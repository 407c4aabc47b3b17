import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PipelineOptions, type PipelineResult, runPipeline } from './image-pipeline.js';

function options(overrides: Partial<PipelineOptions<number, number, number>> = {}) {
  return {
    window: 6,
    batch: 2,
    batchesInFlight: 2,
    prepare: async (image: number) => image * 10,
    run: async (prepared: readonly number[]) => prepared.map((value) => value + 1),
    signals: [],
    ...overrides,
  };
}

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const result of results) collected.push(result);
  return collected;
}

const outcomes = (results: readonly PipelineResult<number, number>[]) =>
  results.map(({ outcome }) => outcome);

describe('runPipeline', () => {
  it('lets any number of images wait for its signal without a warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const prepare = async (image: number, signal: AbortSignal) => {
      signal.addEventListener('abort', () => undefined);
      return image;
    };
    await collect(runPipeline(Array.from({ length: 40 }).keys(), options({ batch: 8, window: 32, prepare })));
    await delay(0);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('hands out results in order, whatever takes long', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (delays, batch, window) => {
          const results = await collect(
            runPipeline(delays.keys(), {
              ...options({ batch, window }),
              prepare: async (image) => {
                await delay(delays[image]);
                return image * 10;
              },
              run: async (prepared) => {
                await delay(delays[(prepared[0] ?? 0) / 10]);
                return prepared.map((value) => value + 1);
              },
            }),
          );
          expect(results).toEqual(
            delays.map((_, index) => ({ index, image: index, outcome: { value: index * 10 + 1 } })),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('lets an image that cannot be prepared take no other with it', async () => {
    const error = new Error('bad image');
    const results = await collect(
      runPipeline(
        [0, 1, 2],
        options({
          prepare: async (image) => {
            if (image === 1) throw error;
            return image * 10;
          },
        }),
      ),
    );
    expect(outcomes(results)).toEqual([{ value: 1 }, { error }, { value: 21 }]);
  });

  it('gives the error of a failed batch to its images and goes on', async () => {
    const error = new Error('device');
    let calls = 0;
    const results = await collect(
      runPipeline(
        [0, 1, 2],
        options({
          batch: 1,
          run: async (prepared) => {
            if (calls++ === 1) throw error;
            return [...prepared];
          },
        }),
      ),
    );
    expect(outcomes(results)).toEqual([{ value: 0 }, { error }, { value: 20 }]);
  });

  it('prepares the next images while the device works, and not more than the window holds', async () => {
    let prepared = 0;
    let taken = 0;
    let most = 0;
    let release: () => void = () => undefined;
    const device = new Promise<void>((resolve) => {
      release = resolve;
    });
    const results = runPipeline(
      Array.from({ length: 50 }, (_, index) => index),
      options({
        window: 5,
        batch: 1,
        batchesInFlight: 1,
        prepare: async (image) => {
          prepared++;
          most = Math.max(most, prepared - taken);
          return image;
        },
        run: async (values) => {
          await device;
          return [...values];
        },
      }),
    );
    const first = results.next();
    await delay(20);
    expect(prepared).toBe(5);
    release();
    await first;
    taken++;
    for await (const _ of results) taken++;
    expect(taken).toBe(50);
    // One is in the consumer's hands when its place in the window is given to the next.
    expect(most).toBeLessThanOrEqual(6);
  });

  it('fills batches from a fast source and does not wait for a slow one', async () => {
    const sizes: number[] = [];
    const run = async (values: readonly number[]) => {
      sizes.push(values.length);
      await delay(5);
      return [...values];
    };
    await collect(
      runPipeline([0, 1, 2, 3, 4, 5, 6, 7], options({ batch: 4, window: 16, batchesInFlight: 1, run })),
    );
    expect(Math.max(...sizes)).toBe(4);

    sizes.length = 0;
    async function* slow() {
      for (let image = 0; image < 3; image++) {
        await delay(30);
        yield image;
      }
    }
    await collect(runPipeline(slow(), options({ batch: 4, run })));
    expect(sizes).toEqual([1, 1, 1]);
  });

  it('throws what the source throws, after the results before it', async () => {
    const failure = new Error('source');
    function* source() {
      yield 0;
      throw failure;
    }
    const results = runPipeline(source(), options());
    expect((await results.next()).value).toMatchObject({ index: 0, outcome: { value: 1 } });
    await expect(results.next()).rejects.toBe(failure);
  });

  it('ends the source and aborts the work when the loop is left early', async () => {
    let ended = false;
    const signals: AbortSignal[] = [];
    async function* source() {
      try {
        for (let image = 0; ; image++) yield image;
      } finally {
        ended = true;
      }
    }
    const pipeline = runPipeline(
      source(),
      options({
        prepare: async (image, signal) => {
          signals.push(signal);
          return image;
        },
      }),
    );
    for await (const { index } of pipeline) if (index === 2) break;
    await delay(5);
    expect(ended).toBe(true);
    expect(signals.every((signal) => signal.aborted)).toBe(true);
  });

  it('throws the reason of the signal at once, also while the device hangs', async () => {
    const controller = new AbortController();
    const pipeline = runPipeline(
      [0],
      options({ signals: [controller.signal], run: () => new Promise(() => undefined) }),
    );
    const next = pipeline.next();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
  });
});
