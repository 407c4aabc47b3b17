import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebsslError } from '../webssl-error.js';

/** Packages that a program depends on itself, and that bring the others. A package manager may hide those from the program. */
const faces = ['@webssl/encoder', '@webssl/evaluation', '@webssl/server', '@webssl/cli'];

/**
 * Where a file lies that one of our packages exports: a worker file, which Node.js starts by its path. It is looked for by name and
 * not beside the code that asks, so that it is also found when a bundler has put that code into a file of the program.
 *
 * @param specifier such as `@webssl/backend-cpu/worker`
 * @param from `import.meta.url` of the code that asks
 * @param option the option that takes a URL in its stead, for the message
 * @throws WebsslError `WORKER_FILE_MISSING` where the package is not installed beside the program
 */
export function exportedFile(specifier: string, from: string, option: string): URL {
  const direct = [from, pathToFileURL(join(process.cwd(), 'package.json')).href];
  const found =
    firstResolved(direct, specifier) ??
    // Only where that fails, as in a bundle: each of these looks through the folders again.
    firstResolved(
      direct.flatMap((base) => faces.flatMap((face) => firstResolved([base], face) ?? [])),
      specifier,
    );
  if (found !== undefined) return pathToFileURL(found);
  const name = specifier.split('/').slice(0, 2).join('/');
  throw new WebsslError({
    code: 'WORKER_FILE_MISSING',
    message: `The worker file ${specifier} is not found from ${from}. Install ${name} where the program runs (a bundle cannot hold it), or give the file's URL in the option ${option}.`,
    details: { specifier, from, option },
  });
}

function firstResolved(bases: readonly string[], specifier: string): string | undefined {
  for (const base of bases) {
    try {
      return createRequire(base).resolve(specifier);
    } catch {
      // The next base may know it.
    }
  }
  return undefined;
}
