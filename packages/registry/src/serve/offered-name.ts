import { isPickle } from '../is-pickle.js';

const unfinished = /\.incomplete$/i;

// Control characters and backslashes are legal in names on Linux, but no hub path has them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unusual = /[\u0000-\u001f\u007f\\]/;

/** Whether a file of a snapshot may be offered, by its path: no pickle, no unfinished part, no path a hub cannot have. */
export function isOfferedName(path: string): boolean {
  return !isPickle(path) && !unfinished.test(path) && !unusual.test(path);
}
