import { isAbsolute } from 'node:path';
import { processorMismatch, readElfHeader } from '@webssl/backend/host';

/** Why a file could not be loaded. */
export interface LibraryProblem {
  readonly kind:
    | 'absent'
    | 'forbidden'
    | 'no-library'
    | 'architecture'
    | 'dependency'
    | 'incomplete'
    | 'unloadable';
  readonly path: string;
  readonly text: string;
}

/** What is wrong with a file before it is loaded; undefined where nothing is, or only the loader knows where it lies. */
export function fileProblem(path: string, architecture: string = process.arch): LibraryProblem | undefined {
  if (!isAbsolute(path)) return undefined;
  try {
    const header = readElfHeader(path);
    if (header === undefined) return { kind: 'no-library', path, text: 'is no shared library' };
    const text = processorMismatch(header, architecture);
    return text === undefined ? undefined : { kind: 'architecture', path, text };
  } catch (error) {
    return systemProblem(path, error);
  }
}

/** What the loader's message means: it begins with the file that it is about. */
export function loaderProblem(path: string, message: string): LibraryProblem {
  const reason = message.replace(/^Failed to load shared library: /, '');
  const about = /^(\S+?): cannot open shared object file/.exec(reason)?.[1];
  if (about !== undefined && about !== path) {
    return { kind: 'dependency', path, text: `needs ${about}, which the loader does not find` };
  }
  if (/^(?:\S+: )?cannot open shared object file: No such file/.test(reason)) {
    return { kind: 'absent', path, text: 'is not there' };
  }
  return { kind: 'unloadable', path, text: `cannot be loaded: ${reason}` };
}

function systemProblem(path: string, error: unknown): LibraryProblem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent', path, text: 'is not there' };
  if (code === 'EACCES' || code === 'EPERM') {
    return { kind: 'forbidden', path, text: 'may not be read by this user' };
  }
  return {
    kind: 'unloadable',
    path,
    text: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
  };
}
