import { lstat, readFile } from 'node:fs/promises';
import type { HubHash } from '../hub/hub-file.js';
import { bootIdentity } from './boot-identity.js';
import { ByteRanges } from './byte-ranges.js';
import { diskError } from './disk-error.js';
import { parseJournal } from './journal-format.js';
import { partPaths } from './part-paths.js';
import { requireRegularFile } from './regular-file.js';

/** Which file a part belongs to. */
export interface PartFacts {
  readonly bytes: number | undefined;
  readonly hash: HubHash;
  /** What the file is called in errors. Default: its destination. */
  readonly name?: string;
}

/** What an earlier try has left of a file. */
export interface PartState {
  readonly boot: string;
  readonly written: ByteRanges;
  readonly synced: ByteRanges;
}

/**
 * How much of a file lies beside its destination already, so that a download would not ask for it again.
 * @throws WebsslError `CACHE_UNWRITABLE` where what is there cannot be read.
 */
export async function partOf(
  destination: string,
  facts: PartFacts,
): Promise<{ readonly presentBytes: number }> {
  return { presentBytes: (await readPartState(destination, facts)).written.total };
}

/** @throws WebsslError `CACHE_UNWRITABLE`. */
export async function readPartState(destination: string, { bytes, hash }: PartFacts): Promise<PartState> {
  const paths = partPaths(destination);
  const boot = await bootIdentity();
  const nothing: PartState = { boot, written: new ByteRanges(), synced: new ByteRanges() };
  const text = await whatIsThere(destination, paths.journal, readJournal(paths.journal));
  const status = await whatIsThere(destination, paths.part, lstat(paths.part));
  const journal = text === undefined ? undefined : parseJournal(text);
  if (journal === undefined || status === undefined || !status.isFile()) return nothing;
  // A length that either side does not know is no contradiction: the digest names the content.
  const isOther = bytes !== undefined && journal.bytes !== undefined && bytes !== journal.bytes;
  if (isOther || journal.digest !== hash.digest) return nothing;
  const end = Math.min(status.size, bytes ?? Number.POSITIVE_INFINITY);
  const synced = journal.synced.below(end);
  return {
    boot,
    synced,
    written: journal.boot === boot ? journal.written.below(end) : new ByteRanges(synced.spans),
  };
}

async function readJournal(path: string): Promise<string> {
  await requireRegularFile(path);
  return readFile(path, 'utf8');
}

async function whatIsThere<Value>(
  destination: string,
  path: string,
  operation: Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw diskError(error, { path, destination });
  }
}
