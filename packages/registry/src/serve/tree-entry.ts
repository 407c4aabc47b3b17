import { createHash } from 'node:crypto';
import type { HubHash } from '../hub/hub-file.js';
import type { FileHashes } from './file-hashes.js';
import type { OfferedFile } from './offered-files.js';

/** A file or folder in the words of the hub's `tree` and `paths-info` interfaces. */
export type TreeEntry = FileEntry | FolderEntry;

interface FileEntry {
  readonly type: 'file';
  readonly path: string;
  /** Git's blob id: of the file, or of the pointer that stands for a large file in Git. */
  readonly oid: string;
  readonly size: number;
  readonly lfs?: { readonly oid: string; readonly size: number; readonly pointerSize: number };
}

interface FolderEntry {
  readonly type: 'directory';
  readonly path: string;
  readonly oid: string;
  readonly size: 0;
}

/** Git's name for "no object": the cache does not keep what a folder's tree id is made of, but clients want the key. */
const noObject = '0'.repeat(40);

/** Every file, in the order given. One is hashed at a time, where that is needed at all. */
export async function fileEntries(
  files: readonly OfferedFile[],
  hashes: FileHashes,
): Promise<readonly FileEntry[]> {
  const entries: FileEntry[] = [];
  for (const file of files) entries.push(fileEntry(file, await hashes.hashOf(file)));
  return entries;
}

/** The folders above the given files, each once, by path. */
export function folderEntries(files: readonly OfferedFile[]): readonly FolderEntry[] {
  const paths = new Set<string>();
  for (const { path } of files) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      paths.add(path.slice(0, end));
    }
  }
  return [...paths].sort().map((path) => ({ type: 'directory', path, oid: noObject, size: 0 }));
}

function fileEntry({ path, bytes }: OfferedFile, { algorithm, digest }: HubHash): FileEntry {
  if (algorithm === 'git-sha1') return { type: 'file', path, oid: digest, size: bytes };
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${digest}\nsize ${bytes}\n`;
  return {
    type: 'file',
    path,
    oid: createHash('sha1').update(`blob ${pointer.length}\0${pointer}`).digest('hex'),
    size: bytes,
    lfs: { oid: digest, size: bytes, pointerSize: pointer.length },
  };
}
