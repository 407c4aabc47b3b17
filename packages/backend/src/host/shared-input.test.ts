import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PixelBatch } from '../tensor.js';
import { SharedInputReader, SharedInputWriter } from './shared-input.js';

const side = 80;
const imageLength = 3 * side * side;

function pixels(batch: number, value: number) {
  const data = new Float32Array(batch * imageLength).fill(value);
  data.forEach((_, index) => {
    if (index % 997 === 0) data[index] = index;
  });
  return { data, dims: [batch, 3, side, side] } as const;
}

function openWriter(): SharedInputWriter {
  const writer = SharedInputWriter.open();
  if (writer === undefined) throw new Error('no memory for files');
  return writer;
}

function fileSize({ descriptor }: SharedInputWriter): number {
  return fstatSync(descriptor).size;
}

function expectSame(received: PixelBatch, sent: PixelBatch) {
  expect(received.dims).toEqual(sent.dims);
  const bytes = ({ data }: PixelBatch) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  expect(bytes(received).equals(bytes(sent))).toBe(true);
}

describe.skipIf(process.platform !== 'linux')('pixels in a file in memory', () => {
  it('reach the other side whole, whatever is under way and whatever has been', () => {
    const runs = fc.array(fc.record({ batch: fc.integer({ min: 1, max: 4 }), answered: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(runs, (plan) => {
        const writer = openWriter();
        const reader = new SharedInputReader(writer.descriptor);
        try {
          const open = plan.flatMap(({ batch, answered }, run) => {
            const sent = pixels(batch, run);
            const written = writer.write(run, sent);
            if (written === undefined) throw new Error('not written');
            const received = reader.read(run, written);
            expectSame(received, sent);
            if (!answered) return [{ sent, received }];
            reader.release(run);
            writer.release(run);
            return [];
          });
          for (const { sent, received } of open) expectSame(received, sent);
        } finally {
          writer.close();
          writer.close();
        }
      }),
      { numRuns: 30 },
    );
  });

  it('take no more memory than the inputs of two runs at once and one more', () => {
    const runs = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(runs, fc.boolean(), (batches, newestFirst) => {
        const writer = openWriter();
        try {
          const open: number[] = [];
          let largest = 0;
          for (const [run, batch] of batches.entries()) {
            if (open.length === 2) writer.release(Number(newestFirst ? open.pop() : open.shift()));
            if (writer.write(run, pixels(batch, run)) === undefined) throw new Error('not written');
            open.push(run);
            largest = Math.max(largest, batch);
            expect(fileSize(writer)).toBeLessThanOrEqual(3 * largest * imageLength * 4);
          }
        } finally {
          writer.close();
        }
      }),
      { numRuns: 20 },
    );
  });

  it('take the memory of the largest input where ever larger ones come one after the other', () => {
    const writer = openWriter();
    for (let batch = 1; batch <= 30; batch++) {
      writer.write(batch, pixels(batch, 0));
      writer.release(batch);
      expect(fileSize(writer)).toBe(batch * imageLength * 4);
    }
    writer.close();
  });

  it('give memory back that is not needed any more', () => {
    const writer = openWriter();
    for (let run = 0; run < 100; run++) {
      writer.write(run, pixels(run === 0 ? 30 : 1, 0));
      writer.release(run);
    }
    expect(fileSize(writer)).toBe(imageLength * 4);
    writer.close();
  });

  it('travel in their message where the memory is full, and for a while from then on', () => {
    const full = openSync('/dev/full', 'r+');
    const folder = mkdtempSync(join(tmpdir(), 'webssl-shared-input-'));
    const writer = new SharedInputWriter(full);
    expect(writer.write(1, pixels(1, 0))).toBeUndefined();
    closeSync(full);
    // The lowest number that is free: what the writer writes to has room now.
    expect(openSync(join(folder, 'roomy'), 'w+')).toBe(full);
    try {
      const written = Array.from({ length: 40 }, (_, run) => writer.write(run, pixels(1, 0)) !== undefined);
      expect([written[0], written.at(-1)]).toEqual([false, true]);
    } finally {
      writer.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('travel in their message where they are few', () => {
    const writer = openWriter();
    expect(writer.write(1, { data: new Float32Array(3), dims: [1, 3, 1, 1] })).toBeUndefined();
    writer.close();
  });
});
