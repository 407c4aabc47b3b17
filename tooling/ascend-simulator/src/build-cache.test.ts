import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildOnce } from './build-cache.js';
import { emptyFolder } from './testing.js';

/** A build folder that is not there yet, and its lock. */
function newBuild() {
  const folder = join(emptyFolder(), 'build');
  return { folder, lock: `${folder}.lock` };
}

const write = (text: string) => (folder: string) => writeFileSync(join(folder, 'product'), text);
const productOf = (folder: string) => readFileSync(join(folder, 'product'), 'utf8');

describe('a build in the cache', () => {
  it('is made once', () => {
    const { folder } = newBuild();
    buildOnce(folder, write('first'));
    buildOnce(folder, write('second'));
    expect(productOf(folder)).toBe('first');
    expect(readdirSync(dirname(folder))).toEqual([basename(folder)]);
  });

  it('leaves nothing behind where it fails', () => {
    const { folder } = newBuild();
    const failing = () =>
      buildOnce(folder, (unfinished) => {
        write('half')(unfinished);
        throw new Error('no room');
      });
    expect(failing).toThrow('no room');
    expect(readdirSync(dirname(folder))).toEqual([]);
  });

  it('does not wait for a process that is dead', () => {
    const { folder, lock } = newBuild();
    writeFileSync(lock, String(spawnSync('true').pid));
    buildOnce(folder, write('new'));
    expect(productOf(folder)).toBe('new');
  });

  it('does not wait for a lock of 10 minutes ago, though a process has the number of its holder', () => {
    const { folder, lock } = newBuild();
    writeFileSync(lock, String(process.pid));
    const then = Date.now() / 1000 - 601;
    utimesSync(lock, then, then);
    buildOnce(folder, write('new'));
    expect(productOf(folder)).toBe('new');
  });

  it.each([
    ['this process', process.pid],
    ['process 1, which may be another user’s', 1],
  ])('waits for a lock of %s', (_, holder) => {
    const { folder, lock } = newBuild();
    writeFileSync(lock, String(holder));
    const released = join(dirname(folder), 'released');
    spawn('sh', ['-c', 'sleep 0.3; touch "$0"; rm "$1"', released, lock], { stdio: 'ignore' });
    let wasReleased = false;
    buildOnce(folder, () => {
      wasReleased = existsSync(released);
    });
    expect(wasReleased).toBe(true);
  });
});
