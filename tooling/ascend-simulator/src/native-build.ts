import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** By the package's name: this code may have been bundled into a program of another folder. */
const packageFolder = dirname(
  createRequire(import.meta.url).resolve('@webssl-tooling/ascend-simulator/package.json'),
);
const sourceFolder = join(packageFolder, 'native');
const parts = ['Makefile', 'common', 'library', 'interface', 'compiler', 'rules', 'runner'];
const cacheFolder = join(packageFolder, 'node_modules', '.cache', 'ascend-simulator');

const lockPauseMilliseconds = 50;

/**
 * Compiles what the Makefile in `native` makes, unless a build of the same sources is in the cache. Processes may ask at the same time. What is
 * built gets its place in the cache when it is complete.
 * @returns the folder with what the Makefile makes, or what is missing to make it
 * @throws Error with the output of make where it fails
 */
export function buildNative(): { readonly folder: string } | { readonly missing: string } {
  if (process.platform !== 'linux')
    return { missing: `the simulator runs on Linux, not on ${process.platform}` };
  const compiler = findProgram([process.env['CXX'], 'c++', 'g++', 'clang++']);
  if (compiler === undefined) return { missing: 'no C++ compiler found (CXX, c++, g++, clang++)' };
  if (findProgram(['make']) === undefined) return { missing: 'make not found' };
  const folder = join(cacheFolder, hashOfSources(compiler));
  if (!existsSync(folder)) withLock(`${folder}.lock`, () => build(compiler, folder));
  return { folder };
}

/**
 * Lets one process build while the others wait. Should two build all the same (the lock of a dead process is taken by whoever
 * notices first), nothing is lost but time.
 */
function withLock(lock: string, work: () => void): void {
  mkdirSync(cacheFolder, { recursive: true });
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
  } catch {
    if (!isHeld(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld(lock: string): boolean {
  try {
    // A holder that has not written its number yet is taken for process 0, this one's group: alive.
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}

function sleepSynchronously(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function findProgram(names: readonly (string | undefined)[]): string | undefined {
  return names.find((name) => name !== undefined && spawnSync(name, ['--version']).status === 0);
}

function build(compiler: string, folder: string): void {
  if (existsSync(folder)) return;
  const unfinished = mkdtempSync(join(cacheFolder, 'unfinished-'));
  const jobs = String(availableParallelism());
  const made = spawnSync('make', ['-j', jobs, '-C', sourceFolder, `BUILD=${unfinished}`, `CXX=${compiler}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  try {
    if (made.status !== 0) throw new Error(`make failed:\n${made.error?.message ?? made.stderr}`);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process was quicker: see withLock.
    if (!existsSync(folder)) throw error;
  }
}

/** Of everything that decides what comes out. */
function hashOfSources(compiler: string): string {
  const hash = createHash('sha256').update(`${process.arch} ${compiler}\0`);
  const files = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => parts.some((part) => file === part || file.startsWith(`${part}/`)))
    .filter((file) => statSync(join(sourceFolder, file)).isFile());
  for (const file of files.sort()) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(sourceFolder, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
