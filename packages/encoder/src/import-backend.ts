import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebsslError } from '@webssl/backend';

/**
 * A backend's package, from the encoder's own dependencies, then from the folder of the program that runs.
 *
 * @throws WebsslError `BACKEND_NOT_INSTALLED`
 */
export async function importBackend(name: string, id: string): Promise<Readonly<Record<string, unknown>>> {
  if (id === 'cpu') return await import('@webssl/backend-cpu');
  for (const base of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return await import(pathToFileURL(createRequire(base).resolve(name)).href);
    } catch (cause) {
      if (!isMissing(cause, name)) throw cause;
    }
  }
  throw new WebsslError({
    code: 'BACKEND_NOT_INSTALLED',
    message: `The backend ${id} is not installed. Add its package: npm install ${name}`,
  });
}

/** Whether the package itself is missing, and not something that it needs. */
function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}
