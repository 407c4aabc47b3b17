import { defineConfig } from 'tsup';

/**
 * The one way a package of this repository is built: ESM with types and source maps, nothing bundled but its own files.
 *
 * @param {Record<string, string>} entry name of the output file -> source file
 * @param {import('tsup').Options} [options]
 */
export function library(entry, options = {}) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    splitting: true,
    ...options,
  });
}
