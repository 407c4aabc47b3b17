import { WebsslError } from '@webssl/backend';
import type { HubHash } from '../hub/hub-file.js';
import type { ByteSource } from './byte-source.js';
import { fetchMissing } from './fetch-missing.js';
import { FollowedHash } from './followed-hash.js';
import { openPart, type PartFile } from './part-file.js';
import { removeRejectedForSpace } from './rejected-file.js';
import type { RetryNotice, RetryPolicy } from './retry.js';

/** A file to be brought. */
export interface FileDownload {
  readonly source: ByteSource;
  /** Where it is to lie. Its folder must exist; what is half there lies in the same folder (see `partPaths`). */
  readonly destination: string;
  /** Its length; undefined where it is not known. */
  readonly bytes: number | undefined;
  readonly hash: HubHash;
  /** What it is called in errors, such as `model.safetensors of organisation/name`. Default: its destination. */
  readonly name?: string;
}

export interface DownloadOptions {
  /** Ranges that are fetched at a time, where the source serves ranges. Default: 4. */
  readonly connections?: number;
  /** Bytes that a connection asks for at a time. Default: 64 MiB. */
  readonly pieceBytes?: number;
  readonly retry?: RetryPolicy;
  /** Rejects with the signal's reason; what has come stays, and the next download goes on from there. */
  readonly signal?: AbortSignal;
  /** Told how many bytes are there more; fewer (a negative number) where they had to be thrown away. */
  readonly onBytes?: (difference: number) => void;
  readonly onRetry?: (notice: RetryNotice) => void;
  /** Told when the whole file is there and is not what it should be, before its bytes are taken off and it is fetched once more. */
  readonly onRejected?: (rejection: Rejection) => void;
  /** File of the hashing worker (`@webssl/registry/hash-worker`), where a bundler has moved it. */
  readonly workerEntry?: string | URL;
}

/** A whole file whose bytes are not the ones asked for. */
export interface Rejection {
  readonly expected: string;
  readonly actual: string;
  /** Where the bytes lie, as long as the disk has room for them beside the second try. */
  readonly rejectedFile: string;
}

const defaultPieceBytes = 64 * 1024 * 1024;

/**
 * Brings a file to its destination, which appears when the bytes on the disk have the digest they must have. Goes on from
 * what an earlier download left, also of a process that was killed. A file that turns out wrong is put aside and fetched
 * once more from the beginning; where the disk has no room for both, it is removed. Two downloads to one destination at the same time must be kept apart by the caller.
 * @throws WebsslError `HUB_UNREACHABLE`, `HUB_RATE_LIMITED`, `HUB_SIZE_MISMATCH`, `HUB_CHECKSUM_MISMATCH`, `HUB_DISK_FULL`,
 * `HUB_HASH_FAILED`, `CACHE_UNWRITABLE`, what the source throws, and the signal's reason.
 */
export async function downloadFile(task: FileDownload, options: DownloadOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  const first = await attempt(task, options);
  if (first === undefined) return;
  await removeRejectedForSpace(task.destination);
  const second = await attempt(task, options);
  if (second === undefined) return;
  throw new WebsslError({
    code: 'HUB_CHECKSUM_MISMATCH',
    message: `${task.name ?? task.destination} was fetched twice, and both times its bytes were not the ones that were asked for: their ${task.hash.algorithm} is ${second.actual} and must be ${second.expected}. They are kept in ${second.rejectedFile}. A server on the way changes them: try another endpoint.`,
    details: { ...second, file: task.destination },
  });
}

/** Brings the file to its destination; where its bytes are wrong, puts them aside and tells so. */
async function attempt(task: FileDownload, options: DownloadOptions): Promise<Rejection | undefined> {
  const { hash, destination, bytes } = task;
  const { signal, onBytes, onRejected } = options;
  const part = await openPart(destination, task);
  const followed = new FollowedHash({
    file: part.paths.part,
    algorithm: hash.algorithm,
    bytes,
    workerEntry: options.workerEntry,
  });
  try {
    followed.advance(part.written.frontier);
    const total = await fetchInto(part, followed, task, options);
    if (part.written.total > total) onBytes?.(total - part.written.total);
    await part.create();
    const [actual] = await Promise.all([followed.finish(total, signal), part.complete(total)]);
    if (actual === hash.digest) {
      await part.publish();
      return undefined;
    }
    await part.reject();
    const rejection = { expected: hash.digest, actual, rejectedFile: part.paths.rejected };
    onRejected?.(rejection);
    onBytes?.(-total);
    return rejection;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await followed.close();
    await part.close();
  }
}

function fetchInto(
  part: PartFile,
  followed: FollowedHash,
  { source, destination, bytes, name = destination }: FileDownload,
  { connections = 4, pieceBytes = defaultPieceBytes, retry, signal, onBytes, onRetry }: DownloadOptions,
): Promise<number> {
  return fetchMissing({
    source,
    name,
    destination,
    bytes,
    written: part.written,
    write: async (chunks, start) => {
      await part.write(chunks, start);
      followed.advance(part.written.frontier);
      onBytes?.(chunks.reduce((sum, { length }) => sum + length, 0));
    },
    connections: Math.max(1, connections),
    pieceBytes,
    retry,
    signal,
    onRetry,
  });
}
