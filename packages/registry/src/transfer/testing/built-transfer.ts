import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'tsup';

/** Builds what another process or thread needs, with all it depends on, into a new folder: Node 20 runs no TypeScript. */
export async function buildTransfer(): Promise<{
  readonly folder: string;
  readonly workerEntry: string;
  /** What a child process imports. */
  readonly url: (name: 'download-file' | 'transfer-problem') => string;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'webssl-transfer-build-'));
  const source = (name: string) => fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
  const names = ['download-file', 'transfer-problem', 'hash-worker'];
  await build({
    entry: Object.fromEntries(names.map((name) => [name, source(name)])),
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    noExternal: [/.*/],
    config: false,
    silent: true,
  });
  return {
    folder,
    workerEntry: join(folder, 'hash-worker.mjs'),
    url: (name) => pathToFileURL(join(folder, `${name}.mjs`)).href,
  };
}
