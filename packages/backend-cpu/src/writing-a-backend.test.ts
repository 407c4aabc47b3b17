import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(packageFolder, 'node_modules', '.writing-a-backend-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** It needs the native library, which @webssl/backend does not have: hence here. */
it('the backend that the README of @webssl/backend writes passes the conformance suite', async () => {
  const readme = await readFile(join(packageFolder, '..', 'backend', 'README.md'), 'utf8');
  const files = [...readme.matchAll(/```js\n\/\/ (\S+)\n([\s\S]*?)```/g)];
  expect(files.map(([, name]) => name)).toEqual(['worker.js', 'backend.js', 'backend.test.js']);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [, name = '', text = ''] of files) {
    // The 200 sessions that find leaks take as long as all the rest, and are those of this package's own test.
    await writeFile(join(folder, name), text.replace('{ isolation }', '{ isolation, cycles: 5 }'));
  }

  const { stdout, status } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=tap', 'backend.test.js'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );

  expect(stdout).toMatch(/# fail 0\n/);
  expect(Number(/# pass (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(90);
  expect(status).toBe(0);
});
