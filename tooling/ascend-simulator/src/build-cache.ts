import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** By the package's name: this code may have been bundled into a program of another folder. */
const packageFolder = dirname(
  createRequire(import.meta.url).resolve('@webssl-tooling/ascend-simulator/package.json'),
);

/** The C++ sources. */
export const sourceFolder = join(packageFolder, 'native');

/** Where builds are kept, each in a folder of its own. */
export const cacheFolder = join(packageFolder, 'node_modules', '.cache', 'ascend-simulator');

const lockPauseMilliseconds = 50;

/** No build takes as long: the process that is said to hold an older lock is another one that got the same number. */
const longestBuildMilliseconds = 10 * 60_000;

/** The first of the programs that runs; `undefined` where none does. */
export function findProgram(names: readonly (string | undefined)[]): string | undefined {
  return names.find((name) => name !== undefined && spawnSync(name, ['--version']).status === 0);
}

/** The C++ compiler of the environment (`CXX`), or one of the usual ones. */
export function findCompiler(): string | undefined {
  return findProgram([process.env['CXX'], 'c++', 'g++', 'clang++']);
}

/**
 * Builds into a folder unless it is there. Processes may ask at the same time: one builds while the others wait. The folder gets its name
 * when it is complete.
 * @param build writes to the folder that it is given
 * @throws what `build` throws; nothing is left of it then
 */
export function buildOnce(folder: string, build: (unfinished: string) => void): void {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  withLock(`${folder}.lock`, () => {
    if (existsSync(folder)) return;
    const unfinished = mkdtempSync(`${folder}-unfinished-`);
    try {
      build(unfinished);
      renameSync(unfinished, folder);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      // Another process was quicker: see withLock.
      if (!existsSync(folder)) throw error;
    }
  });
}

/**
 * Lets one process work while the others wait. Should two work all the same (the lock of a dead process is taken by whoever
 * notices first), nothing is lost but time.
 */
function withLock(lock: string, work: () => void): void {
  while (!takeLock(lock)) sleepSynchronously(lockPauseMilliseconds);
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (!isHeld(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld(lock: string): boolean {
  try {
    if (Date.now() - statSync(lock).mtimeMs > longestBuildMilliseconds) return false;
    // A holder that has not written its number yet is taken for process 0, this one's group: alive.
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    // There is such a process, it is another user's.
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function sleepSynchronously(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
