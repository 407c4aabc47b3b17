import { constants, copyFile, link, realpath, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './file-errors.js';
import { makeFolder } from './make-folder.js';

/**
 * Makes a file appear under a second path: as a hard link where that is possible, else as a copy. Of a symbolic link it is the
 * file that it points to.
 * @throws errors of the file system.
 */
export async function placeFile(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  try {
    await link(await realpath(from), to);
  } catch (error) {
    if (!hasCode(error, unlinkable)) throw error;
    await copy(from, to);
  }
}

/**
 * Copies a file: what happens to the one later does not happen to the other.
 * @throws errors of the file system.
 */
export async function copyWhole(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await copy(from, to);
}

async function copy(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  // Some file systems share the blocks of a copy until one of the two is written.
  await copyFile(from, part, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await rename(part, to);
}

/** Another file system, one without hard links, a file of another user, too many links: a copy is possible all the same. */
const unlinkable = ['EXDEV', 'EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];
