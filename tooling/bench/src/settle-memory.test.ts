import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { settleMemory } from './settle-memory.js';

it('leaves no file, and touches none that is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'settle-'));
  await settleMemory(10_000_000, join(folder, 'new'));
  expect(await readdir(folder)).toEqual([]);
  await writeFile(join(folder, 'kept'), 'kept');
  await expect(settleMemory(10, join(folder, 'kept'))).rejects.toThrow(/EEXIST/);
  expect(await readdir(folder)).toEqual(['kept']);
  await rm(folder, { recursive: true });
});
