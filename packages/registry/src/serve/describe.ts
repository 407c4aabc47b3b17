import type { FileHashes } from './file-hashes.js';
import { listOfferedFiles } from './offered-files.js';
import type { OfferedRepository, OfferedSnapshot } from './offered-repository.js';
import { notFound } from './request-refusal.js';
import { fileEntries, folderEntries, type TreeEntry } from './tree-entry.js';

/** A model in a list, with the keys that clients of several years insist on. */
export function describeRepository({ id }: OfferedRepository): Readonly<Record<string, unknown>> {
  return { id, modelId: id, private: false, gated: false, disabled: false, tags: [], downloads: 0, likes: 0 };
}

/** A model at one commit, with its files; `details` adds lengths and hashes (`?blobs=true`). */
export async function describeSnapshot(
  snapshot: OfferedSnapshot,
  hashes: FileHashes,
  details: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const files = await listOfferedFiles(snapshot);
  const siblings = details
    ? (await fileEntries(files, hashes)).map(({ path, oid, size, lfs }) => ({
        rfilename: path,
        size,
        blobId: oid,
        ...(lfs && { lfs: { sha256: lfs.oid, size: lfs.size, pointerSize: lfs.pointerSize } }),
      }))
    : files.map(({ path }) => ({ rfilename: path }));
  return { ...describeRepository(snapshot.repository), sha: snapshot.commit, siblings };
}

/**
 * The files and folders in a folder of a snapshot, in one page.
 * @param folder empty for the whole repository
 * @throws RequestRefusal 404 where there is no such folder.
 */
export async function describeTree(
  snapshot: OfferedSnapshot,
  hashes: FileHashes,
  { folder, recursive }: { readonly folder: string; readonly recursive: boolean },
): Promise<readonly TreeEntry[]> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const wanted = ({ path }: { readonly path: string }) =>
    path.startsWith(prefix) && (recursive || !path.includes('/', prefix.length));
  const files = await listOfferedFiles(snapshot);
  const folders = folderEntries(files);
  if (folder !== '' && !folders.some(({ path }) => path === folder)) {
    throw notFound('EntryNotFound', `${snapshot.repository.id} has no folder ${folder} here`);
  }
  return [...folders.filter(wanted), ...(await fileEntries(files.filter(wanted), hashes))];
}

/** Those of the paths that are files or folders of a snapshot; the others are left out, as the hub does. */
export async function describePaths(
  snapshot: OfferedSnapshot,
  hashes: FileHashes,
  paths: readonly string[],
): Promise<readonly TreeEntry[]> {
  const asked = new Set(paths);
  const wanted = ({ path }: { readonly path: string }) => asked.has(path);
  const files = await listOfferedFiles(snapshot);
  return [...folderEntries(files).filter(wanted), ...(await fileEntries(files.filter(wanted), hashes))];
}

/** The page for people. */
export function describeEndpoint(repositories: readonly OfferedRepository[]): string {
  const models = repositories.flatMap(({ id, commits }) => [id, ...commits.map((commit) => `  ${commit}`)]);
  return [
    'Models from a local Hugging Face cache, offered by webssl.',
    'To fetch from here, set HF_ENDPOINT to this address; webssl and the Python client huggingface_hub understand it.',
    '',
    ...(models.length > 0 ? models : ['The cache has no models.']),
    '',
  ].join('\n');
}
