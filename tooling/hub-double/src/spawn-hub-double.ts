import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ProgramOptions } from './program-options.js';

/** A double in a process of its own: it takes no processor time from the client's event loop. */
export interface SpawnedHubDouble {
  readonly endpoint: string;
  readonly cdn: string;
  close(): Promise<void>;
}

/**
 * Needs the build of this package. Ends with this process, however that ends. Every hash is computed before it resolves.
 *
 * @throws Error with what the program wrote to stderr, where it ends before it listens.
 */
export async function spawnHubDouble(options: ProgramOptions): Promise<SpawnedHubDouble> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-double-'));
  const file = join(folder, 'options.json');
  await writeFile(file, JSON.stringify(options));
  const program = fileURLToPath(new URL('../dist/program.js', import.meta.url));
  const child = spawn(process.execPath, [program, file], { stdio: 'pipe' });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = once(child, 'close');
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => String(text)),
    ended.then(() => undefined),
  ]);
  await rm(folder, { recursive: true });
  if (line === undefined)
    throw new Error(`The hub double ended before it listened (has it been built?):\n${complaint}`);
  const { endpoint, cdn } = JSON.parse(line) as { endpoint: string; cdn: string };
  return {
    endpoint,
    cdn,
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
