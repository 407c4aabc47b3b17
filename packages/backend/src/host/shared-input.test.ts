import { closeSync, openSync } from 'node:fs';
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
        const writer = SharedInputWriter.open();
        if (writer === undefined) throw new Error('no memory for files');
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

  it('travel in their message where the memory is full, and from then on', () => {
    const full = openSync('/dev/full', 'r+');
    try {
      const writer = new SharedInputWriter(full);
      expect(writer.write(1, pixels(1, 0))).toBeUndefined();
      expect(writer.write(2, pixels(1, 0))).toBeUndefined();
    } finally {
      closeSync(full);
    }
  });

  it('travel in their message where they are few', () => {
    const writer = SharedInputWriter.open();
    expect(writer?.write(1, { data: new Float32Array(3), dims: [1, 3, 1, 1] })).toBeUndefined();
    writer?.close();
  });
});
