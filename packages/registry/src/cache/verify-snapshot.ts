import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { unreadable } from '../file-errors.js';
import { readCachedTree } from './cached-tree.js';
import { hashContent } from './hash-content.js';
import { missingFiles } from './missing-files.js';
import { type SnapshotFile, snapshotFiles } from './snapshot-files.js';
import type { HubSnapshot } from './snapshots.js';

/** What became of a file of a snapshot. */
export interface VerifiedFile {
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Undefined for a missing file. */
  readonly bytes: number | undefined;
  /** `unknown`: it is there, and nothing says what its content should be. */
  readonly state: 'good' | 'damaged' | 'missing' | 'unknown';
  /** The digest that it should have: SHA-256 (64 digits) or Git's SHA-1 (40); undefined where nothing says. */
  readonly expected: string | undefined;
  /** The digest that it has; undefined where it was not computed. */
  readonly actual: string | undefined;
}

export interface VerifyOptions {
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called for every piece that is read. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  /** The file being read. */
  readonly path: string;
  readonly readBytes: number;
  readonly totalBytes: number;
}

/**
 * Reads every file of a snapshot and compares its digest with the one that it should have: the name of its blob, which
 * is what the hub said when it was fetched. A file without a blob (a system without symbolic links) has its digest from
 * the Python client's list of the commit, where there is one. Files that a run needs and the snapshot lacks are told as
 * missing.
 *
 * @returns one result a file, by path
 * @throws WebsslError `CHECKPOINT_FILE_UNREADABLE`; the signal's reason.
 */
export async function verifySnapshot(
  { folder, commit }: HubSnapshot,
  { signal, onProgress }: VerifyOptions = {},
): Promise<readonly VerifiedFile[]> {
  const files = await snapshotFiles(folder);
  const tree = await readCachedTree(join(folder, '..', '..', 'trees', `${commit}.json`));
  const digestOf = ({ path, digest }: SnapshotFile) => digest ?? tree.get(path);

  const known = files.filter((file) => digestOf(file) !== undefined);
  const totalBytes = known.reduce((total, { bytes = 0 }) => total + bytes, 0);
  let readBytes = 0;
  const results: VerifiedFile[] = [];
  for (const file of files) {
    const { path, bytes } = file;
    const digest = digestOf(file);
    if (bytes === undefined) {
      results.push(missing(path, digest));
      continue;
    }
    if (digest === undefined) {
      results.push({ path, bytes, state: 'unknown', expected: undefined, actual: undefined });
      continue;
    }
    const actual = await read(file.file, digest, signal, (count) => {
      readBytes += count;
      onProgress?.({ path, readBytes, totalBytes });
    });
    results.push({ path, bytes, state: actual === digest ? 'good' : 'damaged', expected: digest, actual });
  }

  const told = new Set(files.map(({ path }) => path));
  for (const path of await missingFiles(folder)) {
    if (!told.has(path)) results.push(missing(path, tree.get(path)));
  }
  return results.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function missing(path: string, expected: string | undefined): VerifiedFile {
  return { path, bytes: undefined, state: 'missing', expected, actual: undefined };
}

async function read(
  file: string,
  digest: string,
  signal: AbortSignal | undefined,
  onBytes: (count: number) => void,
): Promise<string> {
  try {
    return await hashContent(file, digest.length === 64 ? 'sha256' : 'git-sha1', {
      ...(signal && { signal }),
      onBytes,
    });
  } catch (error) {
    if (signal?.aborted || WebsslError.isInstance(error)) throw error;
    throw unreadable(file, error);
  }
}
