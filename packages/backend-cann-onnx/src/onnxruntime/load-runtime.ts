import { WebsslError } from '@webssl/backend';
import { processorMismatch, readElfHeader } from '@webssl/backend/host';
import koffi from 'koffi';
import type { Provider } from '../session-setup.js';
import { bindFunctions, type OnnxRuntimeFunctions, type Pointer, tableVersion } from './functions.js';
import { type LibraryPlace, libraryPlaces } from './library-places.js';
import { Runtime } from './runtime.js';

/**
 * The oldest version per provider. The CPU's needs `session.model_external_initializers_file_folder_path` (1.21), CANN's
 * AddExternalInitializersFromFilesInMemory (1.18).
 */
const oldestMinor: Readonly<Record<Provider, number>> = { cpu: 21, cann: 18 };

/**
 * Loads an ONNX Runtime shared library.
 * @param library its path; without one it is looked for
 * @throws WebsslError `BACKEND_LIBRARY_MISSING` with the places that were tried; `ONNXRUNTIME_INVALID` where the file is another
 * library or a broken one; `ONNXRUNTIME_VERSION_UNSUPPORTED`.
 */
export function loadRuntime(provider: Provider, library?: string): Runtime {
  const { path, handle } = openLibrary(provider, libraryPlaces(provider, library));
  const { getApi, version } = apiBase(path, handle);
  checkVersion(provider, path, version);
  const table = getApi(tableVersion);
  if (table === null)
    throw invalid(path, `version ${version} has no function table of version ${tableVersion}`);
  return new Runtime(path, version, boundFunctions(path, table));
}

const loaderPrefix = /^Failed to load shared library: /;
/** What the loader of Linux says of the file itself; of another one that the file needs it says the name first. */
const isAbsence = /^Failed to load shared library: cannot open shared object file: No such file/;

const adviceToInstall: Readonly<Record<Provider, string>> = {
  cann:
    'Build ONNX Runtime with --use_cann --build_shared_lib, name its libonnxruntime.so in WEBSSL_ONNXRUNTIME_LIBRARY, and ' +
    "source CANN's set_env.sh before starting Node.",
  cpu: 'Install onnxruntime-node (npm install onnxruntime-node), or name a libonnxruntime.so in WEBSSL_ONNXRUNTIME_LIBRARY.',
};
const adviceOnForeign =
  'Name an ONNX Runtime for this processor in WEBSSL_ONNXRUNTIME_LIBRARY, or install a Node.js for the processor of the library.';

function openLibrary(provider: Provider, places: readonly LibraryPlace[]) {
  const absent: string[] = [];
  const unusable: string[] = [];
  let isForeign = false;
  for (const { path, origin } of places) {
    const named = origin === undefined ? path : `${path} (${origin})`;
    const mismatch = mismatchOf(path);
    if (mismatch !== undefined) {
      isForeign = true;
      unusable.push(`${named} ${mismatch}`);
      continue;
    }
    try {
      const handle = koffi.load(path);
      pin(path);
      return { path, handle };
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      if (isAbsence.test(said)) absent.push(named);
      else unusable.push(`${named} cannot be loaded: ${said.replace(loaderPrefix, '')}`);
    }
  }
  const found = [...unusable, ...(absent.length > 0 ? [`there is no ${absent.join(', no ')}`] : [])];
  const advice = isForeign ? adviceOnForeign : adviceToInstall[provider];
  throw new WebsslError({
    code: 'BACKEND_LIBRARY_MISSING',
    message: `No ONNX Runtime library could be loaded: ${found.join('; ')}. ${advice}`,
    details: { advice, tried: places.map(({ path }) => path) },
  });
}

/** That a file is for another processor, which the loader reports as one that is not there. A bare name only the loader finds. */
function mismatchOf(path: string): string | undefined {
  if (!path.includes('/')) return undefined;
  try {
    const header = readElfHeader(path);
    return header && processorMismatch(header);
  } catch {
    // The loader says why it cannot be read.
    return undefined;
  }
}

/**
 * Keeps a loaded library for as long as the process lives. Koffi unloads one when its handle is collected or its thread ends, and this
 * one has function tables in use and threads of its own; the CANN provider, moreover, can be initialised once only.
 */
function pin(path: string): void {
  if (process.platform === 'win32') return;
  const [now, noDelete] = process.platform === 'darwin' ? [0x2, 0x80] : [0x2, 0x1000];
  koffi.load(null).func('dlopen', 'void *', ['str', 'int'])(path, now | noDelete);
}

interface ApiBase {
  readonly getApi: (version: number) => Pointer | null;
  readonly version: string;
}

/** OrtApiBase: the functions GetApi and GetVersionString. */
function apiBase(path: string, handle: ReturnType<typeof koffi.load>): ApiBase {
  let base: Pointer | null;
  try {
    base = handle.func('OrtGetApiBase', 'void *', [])() as Pointer | null;
  } catch (cause) {
    throw invalid(path, 'it has no function OrtGetApiBase', cause);
  }
  if (base === null) throw invalid(path, 'OrtGetApiBase gives nothing');
  const [getApi, getVersion] = koffi.decode(base, koffi.array('void *', 2)) as (Pointer | null)[];
  if (!getApi || !getVersion) throw invalid(path, 'OrtGetApiBase gives a table without functions');
  const version = koffi.decode(getVersion, koffi.proto('str', []))() as string | null;
  if (version === null) throw invalid(path, 'it does not tell its version');
  return {
    getApi: koffi.decode(getApi, koffi.proto('void *', ['uint32_t'])) as ApiBase['getApi'],
    version,
  };
}

function boundFunctions(path: string, table: Pointer): OnnxRuntimeFunctions {
  const bound = bindFunctions(table);
  if ('missing' in bound) throw invalid(path, `its function table lacks ${bound.missing.join(', ')}`);
  return bound.functions;
}

function invalid(path: string, reason: string, cause?: unknown): WebsslError {
  const advice = 'Name the libonnxruntime.so of ONNX Runtime itself, not one of its providers.';
  return new WebsslError({
    code: 'ONNXRUNTIME_INVALID',
    message: `${path} is not an ONNX Runtime library that can be used: ${reason}. ${advice}`,
    cause,
    details: { path, advice },
  });
}

function checkVersion(provider: Provider, path: string, version: string): void {
  const [major, minor] = version.split('.').map(Number);
  if (major !== 1 || minor === undefined || Number.isNaN(minor)) {
    throw unsupported(path, version, 'only versions 1.x are known');
  }
  const oldest = oldestMinor[provider];
  if (minor < oldest) throw unsupported(path, version, `the oldest that works here is 1.${oldest}`);
}

function unsupported(path: string, version: string, reason: string): WebsslError {
  const advice = 'Use another build of ONNX Runtime; the README of @webssl/backend-cann-onnx says which.';
  return new WebsslError({
    code: 'ONNXRUNTIME_VERSION_UNSUPPORTED',
    message: `ONNX Runtime ${version} in ${path} cannot be used: ${reason}. ${advice}`,
    details: { path, version, advice },
  });
}
