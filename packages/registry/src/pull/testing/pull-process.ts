import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { PullEvent } from '../pull-event.js';
import type { PullOptions } from '../pull-options.js';

const packageFolder = fileURLToPath(new URL('../../..', import.meta.url));

/** Pulls a model and prints what is told as JSON, one event a line. */
const program = `
import { pullModel } from '@webssl/registry';
const [, , reference, options] = process.argv;
const say = (event) => process.stdout.write(JSON.stringify(event) + '\\n');
try {
  say({ kind: 'done', ...(await pullModel(reference, { ...JSON.parse(options), onPull: say })) });
} catch (error) {
  say({ kind: 'failed', code: error.code, message: error.message });
}
`;

/** What a process tells, its outcome last. */
export type ToldEvent =
  | PullEvent
  | { readonly kind: 'done'; readonly folder: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** Another process that pulls a model. */
export interface PullProcess {
  readonly events: readonly ToldEvent[];
  /** Resolves when the process has told such an event. */
  until(isIt: (event: ToldEvent) => boolean): Promise<void>;
  /** As the kernel does it when memory is short: nothing is tidied up. */
  kill(): Promise<void>;
  /** Resolves with what was told last, when the process has ended. */
  readonly outcome: Promise<ToldEvent | undefined>;
}

/**
 * Processes for a test file, all ended after each test. They run this package as it is when it is installed, built from
 * the sources under test: Node 20 runs no TypeScript.
 */
export function pullProcesses() {
  let folder = '';
  const running = new Set<ChildProcess>();
  beforeAll(async () => {
    folder = await install();
  }, 60_000);
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
  });
  afterAll(() => rm(folder, { recursive: true }));

  return {
    start(reference: string, options: PullOptions): PullProcess {
      const child = spawn(process.execPath, [
        join(folder, 'pull.mjs'),
        reference,
        JSON.stringify(options, (key, value: unknown) => (key === 'onPull' ? undefined : value)),
      ]);
      running.add(child);
      return watch(child);
    },
  };
}

function watch(child: ReturnType<typeof spawn>): PullProcess {
  const events: ToldEvent[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk);
  });
  if (child.stdout === null) throw new Error('The process has no output');
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => {
    events.push(JSON.parse(line));
    for (const wake of waiting) wake();
  });
  const closed = once(child, 'close');
  return {
    events,
    async until(isIt) {
      while (!events.some(isIt)) {
        const told = new Promise<'told'>((resolve) => waiting.add(() => resolve('told')));
        if ((await Promise.race([told, closed])) !== 'told' && !events.some(isIt)) {
          throw new Error(`The process ended before it: ${JSON.stringify(events.at(-1))} ${errors}`);
        }
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    outcome: closed.then(() => {
      if (errors !== '') throw new Error(errors);
      return events.at(-1);
    }),
  };
}

async function install(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'webssl-installed-')));
  const modules = join(folder, 'node_modules');
  const installed = join(modules, '@webssl', 'registry');
  const description = join(packageFolder, 'package.json');
  const { dependencies } = JSON.parse(await readFile(description, 'utf8'));
  await mkdir(installed, { recursive: true });
  await copyFile(description, join(installed, 'package.json'));
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(await realpath(join(packageFolder, 'node_modules', name)), join(modules, name), 'junction');
  }
  const source = (path: string) => join(packageFolder, 'src', path);
  await build({
    entry: { index: source('index.ts'), 'hash-worker': source('transfer/hash-worker.ts') },
    outDir: join(installed, 'dist'),
    format: 'esm',
    target: 'node20',
    external: Object.keys(dependencies),
    config: false,
    silent: true,
  });
  await writeFile(join(folder, 'pull.mjs'), program);
  return folder;
}
