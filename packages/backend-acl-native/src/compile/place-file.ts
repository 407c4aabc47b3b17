import { constants, copyFile, link, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './file-errors.js';
import { makeFolder } from './make-folder.js';

/**
 * Makes a file appear under a second path: as a hard link where that is possible, else as a copy.
 * @throws errors of the file system.
 */
export async function placeFile(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  try {
    await link(from, to);
  } catch (error) {
    if (!hasCode(error, unlinkable)) throw error;
    const part = `${to}.part`;
    // Some file systems share the blocks of a copy until one of the two is written.
    await copyFile(from, part, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await rename(part, to);
  }
}

/** Another file system, one without hard links, a file of another user, too many links: a copy is possible all the same. */
const unlinkable = ['EXDEV', 'EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];
