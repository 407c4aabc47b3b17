import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { failure } from './testing/sample-cache.js';
import { writingTo } from './write-problem.js';

const fullDevice = '/dev/full';

it.skipIf(!existsSync(fullDevice))('a full disk is an error that says where and what to do', async () => {
  const error = await failure(writingTo('/my/cache', () => writeFile(fullDevice, 'x')));
  expect(error.code).toBe('HUB_DISK_FULL');
  expect(error.message).toContain('/my/cache');
  expect(error.message).toContain('HF_HUB_CACHE');
});

it('what is no trouble of the file system is left as it is', async () => {
  const reason = new DOMException('stop', 'AbortError');
  await expect(writingTo('/my/cache', () => Promise.reject(reason))).rejects.toBe(reason);
});
