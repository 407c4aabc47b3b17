import { describe, expect, it } from 'vitest';
import { copyInSlices } from './slices.js';

describe('copyInSlices', () => {
  it('copies every byte into a buffer of its own', async () => {
    const bytes = Uint8Array.from({ length: 5_000_001 }, (_, index) => index % 251);
    const part = bytes.subarray(3);
    const copy = await copyInSlices(part);
    expect(Buffer.compare(copy, part)).toBe(0);
    expect(copy.buffer.byteLength).toBe(part.length);
  });

  it('gives other work a turn every two megabytes', async () => {
    let turns = 0;
    let copied = false;
    const takeTurns = (): void => {
      turns += 1;
      if (!copied) setImmediate(takeTurns);
    };
    setImmediate(takeTurns);
    await copyInSlices(new Uint8Array(40 * 1024 * 1024));
    copied = true;
    expect(turns).toBeGreaterThanOrEqual(19);
  });
});
