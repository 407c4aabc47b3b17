import type { Options } from 'tsup';

/** The one way a package of this repository is built: ESM with types and source maps, nothing bundled but its own files. */
export function library(
  entry: Record<string, string>,
  options?: Options,
): ReturnType<typeof import('tsup').defineConfig>;
