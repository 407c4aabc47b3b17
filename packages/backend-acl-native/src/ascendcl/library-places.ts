import { join } from 'node:path';

/** The file that has all functions, and the two that share them where it is missing. */
const libraryNames = {
  whole: 'libascendcl.so',
  parts: ['libacl_rt.so', 'libacl_mdl.so'],
} as const;

/** Files to load together: the functions are taken from whichever has them. */
export interface LibraryPlace {
  /** Absolute paths, or bare names for the loader to find. */
  readonly files: readonly string[];
}

/** Where CANN is installed unless somebody chose another folder: up to 8.5, and from 8.5 on. */
const usualFolders = ['/usr/local/Ascend/ascend-toolkit/latest/lib64', '/usr/local/Ascend/cann/lib64'];

/**
 * Where to look for AscendCL, in order. A path that the caller or `$ACL_LIB` gives is the only place: another library would not
 * be what was asked for.
 * @param path a file, or a folder that the library lies in; `isFolder` tells which
 */
export function libraryPlaces(
  path: string | undefined,
  isFolder: (path: string) => boolean,
  environment: Readonly<Record<string, string | undefined>>,
): readonly LibraryPlace[] {
  const given = path ?? (environment['ACL_LIB'] || undefined);
  if (given !== undefined) return isFolder(given) ? bothForms([given]) : [{ files: [given] }];
  const home = environment['ASCEND_HOME_PATH'];
  const folders = [...(home ? [join(home, 'lib64')] : []), ...usualFolders];
  return bothForms([undefined, ...new Set(folders)]);
}

/** The whole library in each folder, then its parts in each; without a folder the loader searches. */
function bothForms(folders: readonly (string | undefined)[]): LibraryPlace[] {
  const inFolder = (folder: string | undefined, name: string) =>
    folder === undefined ? name : join(folder, name);
  return [
    ...folders.map((folder) => ({ files: [inFolder(folder, libraryNames.whole)] })),
    ...folders.map((folder) => ({ files: libraryNames.parts.map((name) => inFolder(folder, name)) })),
  ];
}
