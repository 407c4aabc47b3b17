import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { bootIdentity } from './boot-identity.js';

it('stays the same', async () => {
  expect(await bootIdentity()).toBe(await bootIdentity());
});

const kernelFile = '/proc/sys/kernel/random/boot_id';
it.skipIf(!existsSync(kernelFile))('is what Linux calls this boot (where there is a Linux)', async () => {
  expect(`${await bootIdentity()}\n`).toBe(await readFile(kernelFile, 'utf8'));
});
