import { WebsslError } from '@webssl/backend';
import type { Koffi } from './ascendcl/load-library.js';

/**
 * Loads koffi, which calls the functions of shared libraries.
 * @throws WebsslError `BACKEND_LIBRARY_MISSING` where its binary for this system was not installed.
 */
export async function loadKoffi(load: () => Promise<Koffi> = () => import('koffi')): Promise<Koffi> {
  try {
    return await load();
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    const advice =
      'Install the packages again without --omit=optional: the binaries of koffi are optional dependencies.';
    throw new WebsslError({
      code: 'BACKEND_LIBRARY_MISSING',
      message: `koffi cannot be loaded on ${process.platform}-${process.arch}: ${reason}. ${advice}`,
      cause,
      details: { advice },
    });
  }
}
