import { createHash } from 'node:crypto';
import type { StoredCommit } from './repository-store.js';
import type { StoredFile } from './stored-file.js';
import { xetHash } from './xet.js';

/** A file or folder as the tree and paths-info API list it. */
export type TreeEntry = Readonly<Record<string, unknown>> & { readonly path: string };

export interface EntryDetail {
  /** Adds the last commit and the result of security scans. */
  readonly expand: boolean;
  readonly xet: boolean;
}

/** What lies in a folder (`''` for all), sub-folders' contents included where `recursive`; sorted by path. */
export async function treeEntries(
  stored: StoredCommit,
  folder: string,
  recursive: boolean,
  detail: EntryDetail,
): Promise<TreeEntry[]> {
  const inside = (path: string) => folder === '' || path.startsWith(`${folder}/`);
  const isShown = (path: string) =>
    recursive || !path.slice(folder === '' ? 0 : folder.length + 1).includes('/');
  const files = [...stored.files.values()].filter(({ path }) => inside(path) && isShown(path));
  const folders = [...foldersOf(stored)].filter((path) => inside(path) && isShown(path));
  const entries = [
    ...folders.map((path) => folderEntry(path, stored, detail)),
    ...(await Promise.all(files.map((file) => fileEntry(file, stored, detail)))),
  ];
  return entries.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The entries of these paths, in the order given; those that do not exist are left out. */
export async function pathEntries(
  stored: StoredCommit,
  paths: readonly string[],
  detail: EntryDetail,
): Promise<TreeEntry[]> {
  const folders = foldersOf(stored);
  const entries: TreeEntry[] = [];
  for (const path of paths) {
    const file = stored.files.get(path);
    if (file !== undefined) entries.push(await fileEntry(file, stored, detail));
    else if (folders.has(path)) entries.push(folderEntry(path, stored, detail));
  }
  return entries;
}

export function hasFolder(stored: StoredCommit, folder: string): boolean {
  return folder === '' || foldersOf(stored).has(folder);
}

function foldersOf(stored: StoredCommit): Set<string> {
  const folders = new Set<string>();
  for (const path of stored.files.keys())
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1))
      folders.add(path.slice(0, end));
  return folders;
}

function folderEntry(path: string, stored: StoredCommit, { expand }: EntryDetail): TreeEntry {
  const oid = createHash('sha1').update(`tree ${path} at ${stored.commit}`).digest('hex');
  return { type: 'directory', oid, size: 0, path, ...(expand ? lastCommit(stored) : {}) };
}

async function fileEntry(
  file: StoredFile,
  stored: StoredCommit,
  { expand, xet }: EntryDetail,
): Promise<TreeEntry> {
  return {
    type: 'file',
    oid: await file.gitBlob(),
    size: file.content.bytes,
    ...(file.lfs ? { lfs: await largeFile(file) } : {}),
    ...(file.lfs && xet ? { xetHash: xetHash(await file.sha256()) } : {}),
    path: file.path,
    ...(expand ? { ...lastCommit(stored), ...scanned } : {}),
  };
}

async function largeFile(file: StoredFile) {
  return {
    oid: await file.sha256(),
    size: file.content.bytes,
    pointerSize: await file.pointerBytes(),
  };
}

function lastCommit({ commit }: StoredCommit) {
  return { lastCommit: { id: commit, title: 'Upload', date: '2025-04-24T00:00:00.000Z' } };
}

const scanned = {
  securityFileStatus: {
    status: 'safe',
    avScan: { virusFound: false, virusNames: null },
    pickleImportScan: null,
  },
};
