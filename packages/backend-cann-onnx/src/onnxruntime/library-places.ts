import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Provider } from '../session-setup.js';

/** A file that may be the library. */
export interface LibraryPlace {
  /** A path, or a bare name for the loader to find. */
  readonly path: string;
  /** Who named it, in words; absent for the usual places. */
  readonly origin?: string;
}

/** The environment variable that names the library. */
const variable = 'WEBSSL_ONNXRUNTIME_LIBRARY';

const loaderNames = ['libonnxruntime.so', 'libonnxruntime.so.1'];
const usualFolders = ['/usr/local/lib', '/usr/local/lib64', '/usr/lib', '/usr/lib64', '/opt/onnxruntime/lib'];

/**
 * Where to look, in order. A library that the caller or the environment names is the only place: another one in its stead
 * would be a surprise.
 */
export function libraryPlaces(
  provider: Provider,
  library: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): readonly LibraryPlace[] {
  if (library !== undefined) return [{ path: library, origin: 'the option library' }];
  const named = environment[variable];
  if (named !== undefined && named !== '') return [{ path: named, origin: `$${variable}` }];
  return [
    ...(provider === 'cpu' ? insideOnnxruntimeNode() : []),
    ...loaderNames.map((path) => ({ path, origin: "the loader's search path" })),
    ...usualFolders.map((folder) => ({ path: join(folder, 'libonnxruntime.so') })),
  ];
}

/** The library in an installed onnxruntime-node, as seen from the working folder and from this package. */
function insideOnnxruntimeNode(): LibraryPlace[] {
  const places = [join(process.cwd(), 'package.json'), import.meta.url].flatMap((from) => {
    try {
      const root = dirname(createRequire(from).resolve('onnxruntime-node/package.json'));
      return join(root, 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime.so.1');
    } catch {
      return [];
    }
  });
  return [...new Set(places)].map((path) => ({ path, origin: 'onnxruntime-node' }));
}
