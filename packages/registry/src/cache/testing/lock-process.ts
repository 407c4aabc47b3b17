import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll } from 'vitest';

const source = fileURLToPath(new URL('../..', import.meta.url));

/** Takes a lock, says so, and lets go of it when its input ends, or just ends then. */
const program = `
const [, , module, name, file, isCareless] = process.argv;
const lock = await (await import(module))[name](file, { onWait: () => console.log('waiting') });
console.log('locked');
lock.lost.addEventListener('abort', () => console.log('lost'));
for await (const _ of process.stdin) {}
if (isCareless === undefined) await lock.release();
`;

/** Another process that runs this package's locks. */
export interface LockProcess {
  readonly process: ChildProcess;
  /** Resolves when the process has said a word. */
  said(word: string): Promise<void>;
  /** Ends its input, and waits until it has ended. */
  end(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Processes for a test file, all ended after each test. Node 20 runs no TypeScript, so they run a translation of the sources. */
export function lockProcesses() {
  let folder = '';
  const running = new Set<ChildProcess>();
  beforeAll(async () => {
    // Where the sources' dependencies are found.
    const modules = join(source, '..', 'node_modules');
    folder = await mkdtemp(join(modules, '.lock-test-'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'main.js'), program);
    const locks = (await readdir(join(source, 'cache'))).filter((name) => /^[\w-]+\.ts$/.test(name));
    for (const path of ['file-errors.ts', ...locks.map((name) => join('cache', name))]) {
      const { outputText } = ts.transpileModule(await readFile(join(source, path), 'utf8'), {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      const target = join(folder, path.replace(/\.ts$/, '.js'));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, outputText);
    }
  });
  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
  });
  afterAll(() => rm(folder, { recursive: true }));

  function watch(child: ChildProcess): LockProcess {
    running.add(child);
    const words: string[] = [];
    const waiting = new Set<() => void>();
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    if (child.stdout !== null) {
      createInterface(child.stdout).on('line', (line) => {
        words.push(line);
        for (const wake of waiting) wake();
      });
    }
    const exited = once(child, 'exit');
    return {
      process: child,
      said: async (word) => {
        while (!words.includes(word)) {
          const told = new Promise<'told'>((resolve) => waiting.add(() => resolve('told')));
          if ((await Promise.race([told, exited])) === 'told') continue;
          if (!words.includes(word)) throw new Error(`The process ended without '${word}': ${errors}`);
        }
      },
      end: async () => {
        child.stdin?.end();
        await exited;
      },
      kill: async (signal) => {
        child.kill(signal);
        await exited;
      },
    };
  }

  return {
    /** Runs one of the functions that acquire a lock. */
    start: (module: string, name: string, file: string, ...more: 'careless'[]) =>
      watch(
        spawn(process.execPath, [
          join(folder, 'main.js'),
          join(folder, 'cache', module),
          name,
          file,
          ...more,
        ]),
      ),
    /** Runs anything that speaks the same words. */
    run: (command: string, parameters: readonly string[]) => watch(spawn(command, parameters)),
  };
}
