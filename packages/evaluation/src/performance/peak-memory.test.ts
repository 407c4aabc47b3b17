import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { peakMemory } from './peak-memory.js';

const megabyte = 1024 * 1024;

/** A child that has written to so much memory, given it back, and waits. */
async function childThatHeld(bytes: number): Promise<ChildProcess> {
  const program = `
    let held = Buffer.alloc(${bytes}, 1);
    held = undefined;
    gc();
    process.send('done');
    process.on('message', () => {});`;
  const child = spawn(process.execPath, ['--expose-gc', '--eval', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

it('tells the most that a process has held, also when it holds less by now; elsewhere than on Linux nothing', async () => {
  const [small, large] = await Promise.all([childThatHeld(1), childThatHeld(300 * megabyte)]);
  try {
    const [least, most] = [small, large].map(({ pid = 0 }) => peakMemory(pid));
    if (process.platform !== 'linux') {
      expect([least, most]).toEqual([undefined, undefined]);
      return;
    }
    expect(least).toBeGreaterThan(megabyte);
    expect(most).toBeGreaterThan(300 * megabyte);
    expect(most).toBeGreaterThan((least ?? Infinity) + 200 * megabyte);
  } finally {
    await Promise.all([small, large].map(end));
  }
});

it('does not know about a process that has ended', async () => {
  const child = await childThatHeld(1);
  await end(child);
  expect(peakMemory(child.pid ?? 0)).toBeUndefined();
});
