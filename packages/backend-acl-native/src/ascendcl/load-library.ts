import { statSync } from 'node:fs';
import type { LibraryHandle } from 'koffi';
import {
  type CheckedFunctions,
  declarations,
  type OptionalFunction,
  optionalFunctions,
  type PlainFunctions,
} from './functions.js';
import { libraryMissingError } from './library-missing-error.js';
import { type LibraryPlace, libraryPlaces } from './library-places.js';
import { fileProblem, type LibraryProblem, loaderProblem } from './library-problem.js';

/** The functions of the library; the optional ones where it has them. */
export type LibraryFunctions = Omit<CheckedFunctions & PlainFunctions, OptionalFunction> &
  Partial<Pick<CheckedFunctions & PlainFunctions, OptionalFunction>>;

/** The loaded library. */
export interface LoadedLibrary {
  readonly functions: LibraryFunctions;
  /** What was loaded: paths, or bare names that the loader found. */
  readonly files: readonly string[];
}

/** What this package uses of koffi. */
export type Koffi = Pick<typeof import('koffi'), 'load' | 'view'>;

/** `dlopen` flags of Linux: resolve at once, take what is loaded already, keep it for ever. */
const keepLoaded = 0x2 | 0x4 | 0x1000;

/**
 * Finds AscendCL and loads it into this process.
 * @param path a file or folder that the caller chose
 * @throws WebsslError `BACKEND_LIBRARY_MISSING`
 */
export function loadLibrary(
  koffi: Koffi,
  path: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): LoadedLibrary {
  const problems: LibraryProblem[] = [];
  for (const place of libraryPlaces(path, isFolder, environment)) {
    const loaded = loadPlace(koffi, place);
    if ('functions' in loaded) return loaded;
    problems.push(loaded);
  }
  throw libraryMissingError(problems);
}

function loadPlace(koffi: Koffi, { files }: LibraryPlace): LoadedLibrary | LibraryProblem {
  const handles: LibraryHandle[] = [];
  for (const file of files) {
    const problem = fileProblem(file);
    if (problem !== undefined) return problem;
    try {
      // Global: parts of CANN that are loaded later look for functions of those loaded earlier.
      handles.push(koffi.load(file, { global: true }));
    } catch (error) {
      return loaderProblem(file, error instanceof Error ? error.message : String(error));
    }
  }
  const functions: Partial<Record<string, unknown>> = {};
  const missing: string[] = [];
  for (const [name, declaration] of Object.entries(declarations)) {
    const found = bind(handles, declaration);
    if (found !== undefined) functions[name] = found;
    else if (!optionalFunctions.some((optional) => optional === name)) missing.push(name);
  }
  if (missing.length > 0) {
    const shown = `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`;
    return { kind: 'incomplete', path: files.join(' + '), text: `lacks ${shown}` };
  }
  keep(koffi, files);
  return { functions: functions as unknown as LibraryFunctions, files };
}

function bind(handles: readonly LibraryHandle[], declaration: string): unknown {
  for (const handle of handles) {
    try {
      return handle.func(declaration);
    } catch {
      // Another handle may have it; where none has, the caller counts it as missing.
    }
  }
  return undefined;
}

/**
 * Keeps the files loaded until the process ends: koffi unloads them with the last thread that uses them, under the feet of
 * threads that the library has started itself.
 */
function keep(koffi: Koffi, files: readonly string[]): void {
  const dlopen = koffi.load(null).func('void *dlopen(const char *path, int flags)');
  for (const file of files) dlopen(file, keepLoaded);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
