import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebsslError } from '@webssl/backend';
import type { env, InferenceSession, Tensor } from 'onnxruntime-common';
import { disableTelemetry } from './disable-telemetry.js';

/** What this backend uses of ONNX Runtime. */
export interface Runtime {
  readonly env: typeof env;
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

/** The systems that have a package of the runtime, as Node.js names them. */
export const runtimePlatforms = [
  'darwin-arm64',
  'linux-arm64',
  'linux-x64',
  'win32-arm64',
  'win32-x64',
] as const;

const system = `${process.platform}-${process.arch}`;

/**
 * Loads the native library that comes with this package, which is onnxruntime-node's for this system.
 *
 * @throws WebsslError `BACKEND_LIBRARY_MISSING` where its package is not installed or this system cannot load it
 */
export function loadOwnRuntime(
  load: (name: string) => Promise<Runtime> = (name) => import(name),
): Promise<Runtime> {
  const name = `@webssl/onnxruntime-${system}`;
  const isKnown = runtimePlatforms.some((platform) => platform === system);
  return orAdvice(
    name,
    isKnown
      ? `It is an optional dependency of @webssl/backend-cpu: install without leaving those out (npm install --include=optional), for the system that it runs on (a node_modules folder of another system has another one; on Linux it needs glibc).`
      : `There are builds for ${runtimePlatforms.join(', ')}. Where you have an onnxruntime-node of your own for this system, use cpu({ runtime: 'onnxruntime-node' }).`,
    () => load(name),
  );
}

/**
 * Loads the onnxruntime-node that the user has installed: looked for from the folder of the program that runs, then from here.
 *
 * @throws WebsslError `BACKEND_LIBRARY_MISSING` where there is none or it cannot be loaded
 */
export function loadOnnxruntimeNode(workingFolder: string = process.cwd()): Promise<Runtime> {
  const name = 'onnxruntime-node';
  return orAdvice(
    name,
    'Install onnxruntime-node in the folder that your program is started in (npm install onnxruntime-node), or leave the option runtime out.',
    async () => {
      const bases = [join(workingFolder, 'package.json'), import.meta.url];
      return (await import(pathToFileURL(resolveFrom(bases, name)).href)) as Runtime;
    },
  );
}

/** @throws what the last base's resolution threw */
function resolveFrom([base = '', ...others]: readonly string[], name: string): string {
  try {
    return createRequire(base).resolve(name);
  } catch (error) {
    if (others.length === 0) throw error;
    return resolveFrom(others, name);
  }
}

async function orAdvice(name: string, advice: string, load: () => Promise<Runtime>): Promise<Runtime> {
  disableTelemetry();
  try {
    return await load();
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new WebsslError({
      code: 'BACKEND_LIBRARY_MISSING',
      message: `The native library ${name} cannot be loaded on ${system}: ${reason}. ${advice}`,
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
