import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { freeBytesAt, requireFreeSpace } from './free-space.js';

it('a file that fits is let through', async () => {
  await expect(requireFreeSpace(tmpdir(), 1)).resolves.toBeUndefined();
});

it('a file that would leave nothing to the file system is refused', async () => {
  const neededBytes = (await freeBytesAt(tmpdir())) - 1e6;
  await expect(requireFreeSpace(tmpdir(), neededBytes)).rejects.toMatchObject({
    code: 'OUTPUT_WRITE_FAILED',
  });
});

it('a file that is larger than the disk is refused, with both numbers', async () => {
  const neededBytes = (await freeBytesAt(tmpdir())) + 1e12;
  await expect(requireFreeSpace(tmpdir(), neededBytes)).rejects.toMatchObject({
    code: 'OUTPUT_WRITE_FAILED',
    message: expect.stringMatching(/^\d+ MB are to be written .* and its disk has \d+ MB free/),
    details: { folder: tmpdir(), neededBytes, freeBytes: expect.any(Number) },
  });
});
