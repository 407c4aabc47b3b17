import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The path of a loaded library: the loader is given bare names as well, and only the system knows where it found them. */
export function loadedPath(file: string, maps: string = memoryMaps()): string {
  if (file.includes('/')) return file;
  const paths = maps.split('\n').map((line) => line.slice(line.indexOf('/')).trimEnd());
  return paths.find((path) => path.startsWith('/') && basename(path) === file) ?? file;
}

function memoryMaps(): string {
  try {
    return readFileSync('/proc/self/maps', 'utf8');
  } catch {
    return '';
  }
}
