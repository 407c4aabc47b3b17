import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { buildOnce, cacheFolder, findCompiler, findProgram, sourceFolder } from './build-cache.js';

const parts = ['Makefile', 'common', 'library', 'interface', 'compiler', 'rules', 'runner'];

/**
 * Compiles what the Makefile in `native` makes, unless a build of the same sources is in the cache. Processes may ask at the same time.
 * @returns the folder with what the Makefile makes, or what is missing to make it
 * @throws Error with the output of make where it fails
 */
export function buildNative(): { readonly folder: string } | { readonly missing: string } {
  if (process.platform !== 'linux')
    return { missing: `the simulator runs on Linux, not on ${process.platform}` };
  const compiler = findCompiler();
  if (compiler === undefined) return { missing: 'no C++ compiler found (CXX, c++, g++, clang++)' };
  if (findProgram(['make']) === undefined) return { missing: 'make not found' };
  const folder = join(cacheFolder, hashOfSources(compiler));
  buildOnce(folder, (unfinished) => make(compiler, unfinished));
  return { folder };
}

function make(compiler: string, folder: string): void {
  const jobs = String(availableParallelism());
  const made = spawnSync('make', ['-j', jobs, '-C', sourceFolder, `BUILD=${folder}`, `CXX=${compiler}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (made.status !== 0) throw new Error(`make failed:\n${made.error?.message ?? made.stderr}`);
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
