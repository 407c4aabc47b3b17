import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PipelineOptions, type PipelineResult, runPipeline } from './image-pipeline.js';

function options(overrides: Partial<PipelineOptions<number, number>> = {}) {
  return { window: 6, encode: async (image: number) => image * 10, signals: [], ...overrides };
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
    const encode = async (image: number, signal: AbortSignal) => {
      signal.addEventListener('abort', () => undefined);
      return image;
    };
    await collect(runPipeline(Array.from({ length: 40 }).keys(), options({ window: 32, encode })));
    await delay(0);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('hands out results in order, whatever takes long', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (delays, window) => {
          const encode = async (image: number) => {
            await delay(delays[image]);
            return image * 10;
          };
          const results = await collect(runPipeline(delays.keys(), options({ window, encode })));
          expect(results).toEqual(
            delays.map((_, index) => ({ index, image: index, outcome: { value: index * 10 } })),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('lets an image that fails take no other with it', async () => {
    const error = new Error('bad image');
    const encode = async (image: number) => {
      if (image === 1) throw error;
      return image * 10;
    };
    const results = await collect(runPipeline([0, 1, 2], options({ encode })));
    expect(outcomes(results)).toEqual([{ value: 0 }, { error }, { value: 20 }]);
  });

  it('reads ahead as far as the window goes, and no further', async () => {
    let begun = 0;
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
        encode: async (image) => {
          begun++;
          most = Math.max(most, begun - taken);
          await device;
          return image;
        },
      }),
    );
    const first = results.next();
    await delay(20);
    expect(begun).toBe(5);
    release();
    await first;
    taken++;
    for await (const _ of results) taken++;
    expect(taken).toBe(50);
    // One is in the consumer's hands when its place in the window is given to the next.
    expect(most).toBeLessThanOrEqual(6);
  });

  it('throws what the source throws, after the results before it', async () => {
    const failure = new Error('source');
    function* source() {
      yield 0;
      throw failure;
    }
    const results = runPipeline(source(), options());
    expect((await results.next()).value).toMatchObject({ index: 0, outcome: { value: 0 } });
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
        encode: async (image, signal) => {
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
      options({ signals: [controller.signal], encode: () => new Promise(() => undefined) }),
    );
    const next = pipeline.next();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
  });
});
