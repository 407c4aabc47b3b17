import { createRequire } from 'node:module';
import { WebsslError } from '@webssl/backend';
import type { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { disableTelemetry } from './disable-telemetry.js';

/** What this backend uses of onnxruntime-node. */
export interface Runtime {
  readonly env: typeof env;
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

/**
 * Loads the native library.
 * @throws WebsslError `BACKEND_LIBRARY_MISSING` where it is not installed or this system cannot load it.
 */
export async function loadRuntime(
  load: () => Promise<Runtime> = () => import('onnxruntime-node'),
): Promise<Runtime> {
  disableTelemetry();
  try {
    return await load();
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    const advice =
      'Install onnxruntime-node beside @webssl/backend-cpu (npm install onnxruntime-node). It has binaries for Linux with ' +
      'glibc, macOS on arm64 and Windows, on x64 and arm64.';
    throw new WebsslError({
      code: 'BACKEND_LIBRARY_MISSING',
      message: `The native library onnxruntime-node cannot be loaded on ${process.platform}-${process.arch}: ${reason}. ${advice}`,
      cause,
      details: { advice },
    });
  }
}

/** Path of the loaded binary; undefined where the package was bundled, so that Node.js does not know it by its name. */
export function libraryPath(): string | undefined {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).find((path) => path.endsWith('onnxruntime_binding.node'));
}

/** Name and version of the loaded library. */
export function libraryName(runtime: Runtime): string {
  return `onnxruntime ${runtime.env.versions.node ?? runtime.env.versions.common}`;
}
