import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'tsup';
import { onTestFinished } from 'vitest';

/** URL of a module of this folder, built with all that it needs, for another process: Node 20 runs no TypeScript. */
export async function builtModule(name: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'webssl-compile-built-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    entry: { [name]: fileURLToPath(new URL(`../${name}.ts`, import.meta.url)) },
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    noExternal: [/.*/],
    config: false,
    silent: true,
  });
  return pathToFileURL(join(folder, `${name}.mjs`)).href;
}
