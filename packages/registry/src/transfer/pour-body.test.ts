import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteRanges, type ByteSpan } from './byte-ranges.js';
import { pourBody } from './pour-body.js';
import { bytesFrom } from './testing/file-of.js';
import { TransferProblem } from './transfer-problem.js';

const content = bytesFrom(1, 400);

/** A body in chunks of these lengths; `left` tells whether it was closed and how many chunks it gave. */
function bodyOf(bytes: Uint8Array, lengths: readonly number[], error?: Error) {
  const left = { isClosed: false, chunks: 0 };
  async function* body() {
    try {
      let position = 0;
      for (let index = 0; position < bytes.length; index++) {
        const length = lengths[index % lengths.length] ?? 1;
        left.chunks += 1;
        yield bytes.subarray(position, position + length);
        position += length;
      }
      if (error !== undefined) throw error;
    } finally {
      left.isClosed = true;
    }
  }
  return { body: body(), left };
}

function collector() {
  const got = new Uint8Array(content.length);
  const written = new ByteRanges();
  const write = async (chunks: readonly Uint8Array[], start: number) => {
    let position = start;
    for (const chunk of chunks) {
      got.set(chunk, position);
      position += chunk.length;
    }
    written.add({ start, end: position });
  };
  return { got, written, write };
}

const streamOf = (start: number, body: AsyncIterable<Uint8Array>) => ({
  start,
  isPartial: true,
  totalBytes: undefined,
  body,
});

describe('pourBody', () => {
  it('writes the wanted bytes at their places, and no others, however the body is cut', async () => {
    const spans = fc
      .array(fc.tuple(fc.nat(399), fc.nat(80)), { maxLength: 5 })
      .map((pairs) => new ByteRanges(pairs.map(([start, length]) => ({ start, end: start + length }))));
    await fc.assert(
      fc.asyncProperty(
        spans,
        fc.nat(399),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        async (present, start, lengths) => {
          const wanted = present.missing(content.length);
          const { got, written, write } = collector();
          const { body, left } = bodyOf(content.subarray(start), lengths);
          await pourBody({ stream: streamOf(start, body), wanted, bodyEnd: content.length, write });
          const expected = new ByteRanges(
            wanted.map((span) => ({ start: Math.max(span.start, start), end: span.end })),
          );
          expect(written.spans).toEqual(expected.spans);
          for (const span of written.spans) {
            expect(got.subarray(span.start, span.end)).toEqual(content.subarray(span.start, span.end));
          }
          expect(left.isClosed).toBe(true);
        },
      ),
    );
  });

  it('writes what came before the body failed', async () => {
    const { written, write } = collector();
    const problem = new TransferProblem('lost');
    const { body } = bodyOf(content.subarray(0, 90), [40], problem);
    const wanted: readonly ByteSpan[] = [{ start: 0, end: 400 }];
    await expect(pourBody({ stream: streamOf(0, body), wanted, bodyEnd: 400, write })).rejects.toBe(problem);
    expect(written.spans).toEqual([{ start: 0, end: 90 }]);
  });

  it('leaves a body that goes on after the last wanted byte', async () => {
    const { written, write } = collector();
    const { body, left } = bodyOf(content, [100]);
    await pourBody({ stream: streamOf(0, body), wanted: [{ start: 0, end: 150 }], bodyEnd: 400, write });
    expect(written.spans).toEqual([{ start: 0, end: 150 }]);
    expect(left).toEqual({ isClosed: true, chunks: 2 });
  });

  it('ends with the error of a write, and closes the body', async () => {
    const failure = new Error('full');
    const big = bytesFrom(2, 3 * 1024 * 1024);
    const { body, left } = bodyOf(big, [256 * 1024]);
    const write = () => Promise.reject(failure);
    const wanted = [{ start: 0, end: big.length }];
    await expect(pourBody({ stream: streamOf(0, body), wanted, bodyEnd: big.length, write })).rejects.toBe(
      failure,
    );
    expect(left.isClosed).toBe(true);
    expect(left.chunks).toBeLessThan(12);
  });

  it('goes on receiving while it writes, but never more than one piece ahead', async () => {
    const big = bytesFrom(3, 6 * 1024 * 1024);
    const { body, left } = bodyOf(big, [512 * 1024]);
    const releases: (() => void)[] = [];
    const write = () => new Promise<void>((resolve) => releases.push(resolve));
    const pouring = pourBody({
      stream: streamOf(0, body),
      wanted: [{ start: 0, end: big.length }],
      bodyEnd: big.length,
      write,
    });
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    expect(releases).toHaveLength(1);
    // The first chunk at once, the rest in pieces of two; of these one is full and the next chunk is not asked for.
    expect(left.chunks).toBe(3);
    for (let done = 0; done < 7; done++) {
      releases[done]?.();
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    }
    expect(await pouring).toBe(big.length);
  });
});
