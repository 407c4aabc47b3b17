import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { acquireCompileLock } from './compile-lock.js';
import { hasEnded, identityOf } from './process-identity.js';
import { builtModule } from './testing/built-module.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const times = { beat: 20, staleAfter: 300, look: 20 };

describe('the lock of a compilation', () => {
  it('is held by one at a time', async () => {
    const file = join(temporaryFolder(), 'lock');
    let holders = 0;
    let waits = 0;
    const use = async () => {
      const lock = await acquireCompileLock(file, { onWait: () => waits++ }, times);
      holders += 1;
      expect(holders).toBe(1);
      await sleep(50);
      holders -= 1;
      await lock.release();
    };
    await Promise.all([use(), use(), use()]);
    expect(waits).toBe(2);
    expect(existsSync(file)).toBe(false);
  });

  it('is kept for longer than an abandoned one by touching it', async () => {
    const file = join(temporaryFolder(), 'lock');
    const lock = await acquireCompileLock(file, {}, times);
    const waiting = acquireCompileLock(file, { signal: AbortSignal.timeout(900) }, times);
    await expect(waiting).rejects.toThrow();
    await lock.release();
  });

  it('is taken over at once from a process that is gone', async () => {
    const file = join(temporaryFolder(), 'lock');
    const lock = await acquireCompileLock(file, {}, times);
    const holder = JSON.parse(readFileSync(file, 'utf8'));
    await lock.release();
    // Above the largest process id that Linux gives.
    writeFileSync(file, JSON.stringify({ ...holder, id: 'other', processId: 2 ** 22 + 1 }));
    await (await acquireCompileLock(file, {}, { ...times, staleAfter: 60_000 })).release();
  });

  it.runIf(process.platform === 'linux')('ends the compiler of a process that was killed', async () => {
    const file = join(temporaryFolder(), 'lock');
    const script = join(temporaryFolder(), 'holder.mjs');
    writeFileSync(
      script,
      `import { spawn } from 'node:child_process';
import { acquireCompileLock } from ${JSON.stringify(await builtModule('compile-lock'))};
const lock = await acquireCompileLock(${JSON.stringify(file)});
const compiler = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
lock.noteCompiler(compiler.pid);
console.log(compiler.pid);`,
    );
    const holder = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = await once(holder.stdout, 'data');
    const compiler = identityOf(Number(String(text)));
    expect(hasEnded(compiler)).toBe(false);
    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
    await (await acquireCompileLock(file, {}, { ...times, staleAfter: 60_000 })).release();
    await vi.waitUntil(() => hasEnded(compiler), { timeout: 10_000 });
  });

  it.each(['', 'damaged', '{"id":"x","processId":1,"host":"another machine"}'])(
    'is taken over when nobody touches it: %j',
    async (text) => {
      const file = join(temporaryFolder(), 'lock');
      writeFileSync(file, text);
      utimesSync(file, 1, 1);
      await (await acquireCompileLock(file, {}, times)).release();
      expect(existsSync(file)).toBe(false);
    },
  );

  it('leaves a lock that another has taken over', async () => {
    const file = join(temporaryFolder(), 'lock');
    const lock = await acquireCompileLock(file, {}, times);
    writeFileSync(file, 'of another');
    await lock.release();
    expect(readFileSync(file, 'utf8')).toBe('of another');
  });

  it('tells why it cannot be made', async () => {
    const missing = join(temporaryFolder(), 'missing', 'lock');
    await expect(acquireCompileLock(missing, {}, times)).rejects.toThrow('ENOENT');
  });
});
