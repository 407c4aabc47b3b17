import { join } from 'node:path';
import { environmentOf } from './environment.js';
import { buildNative } from './native-build.js';
import type { AscendSimulator } from './simulator.js';

/**
 * Compiles the stand-ins with the system's C++ compiler, or finds them in the cache.
 * @returns why there are none on a machine that cannot compile them
 * @throws Error with the compiler's output where it refuses the sources
 */
export function buildAscendSimulator():
  | { readonly simulator: AscendSimulator }
  | { readonly missing: string } {
  const built = buildNative();
  if ('missing' in built) return built;
  return {
    simulator: {
      library: join(built.folder, 'libascendcl.so'),
      compiler: join(built.folder, 'atc'),
      environment: environmentOf,
    },
  };
}
