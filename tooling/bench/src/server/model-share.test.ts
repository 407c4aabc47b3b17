import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { canReadProcessTree } from '../process-tree.js';
import { watchModelShare } from './model-share.js';

let stop = () => {};
afterEach(() => stop());

/** A program that starts another one. */
async function parentOf(script: string): Promise<number> {
  const parent = spawn(
    process.execPath,
    [
      '--eval',
      `const child = require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(script)}], { stdio: ['ignore', 'pipe', 'ignore'] });
       process.once('exit', () => child.kill('SIGKILL'));
       process.once('SIGTERM', () => process.exit());
       child.stdout.once('data', () => console.log('started'));`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  stop = () => parent.kill('SIGTERM');
  await once(parent.stdout, 'data');
  return parent.pid ?? 0;
}

it.skipIf(!canReadProcessTree())('a child that computes has a core, one that waits has none', async () => {
  const busy = await parentOf("console.log('started'); for (;;) {}");
  const { result, modelShare } = await watchModelShare(busy, 1, async () => {
    await sleep(1000);
    return 'done';
  });
  stop();
  expect(result).toBe('done');
  // How much of a core it gets is for the machine to say; that it is none would be wrong on any.
  expect(modelShare).toBeGreaterThan(0.2);
  expect(modelShare).toBeLessThan(1.1);

  const idle = await parentOf("console.log('started'); setInterval(() => {}, 1000)");
  await sleep(500);
  expect((await watchModelShare(idle, 1, () => sleep(1000))).modelShare).toBeLessThan(0.1);
});
