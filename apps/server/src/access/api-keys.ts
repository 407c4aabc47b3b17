import { timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebsslError } from '@webssl/backend';
import { type ApiKey, keyDigest } from './api-key.js';
import { type ApiKeyEntry, parseApiKeys } from './parse-api-keys.js';
import { watchFile } from './watch-file.js';

/** The keys of a file, as it is now. */
export interface ApiKeys {
  /** Which key this is. How long the answer takes says nothing about the keys. */
  find(presented: string): ApiKey | undefined;
  readonly count: number;
  /** Ends the watching of the file; the keys stay. */
  close(): void;
}

export interface ApiKeysOptions {
  /** The file has been read again, after a change or the end of a problem; its keys are in force now. */
  readonly onReload?: (count: number) => void;
  /** The file has become invalid or unreadable; the keys read before stay in force. Once for each problem. */
  readonly onProblem?: (error: WebsslError) => void;
  /** How often the file is read where no change is announced; 5000 by default. */
  readonly pollMilliseconds?: number;
  /** A changed file counts when it reads the same after this time, as somebody may be writing it; 50 by default. */
  readonly settleMilliseconds?: number;
}

const largestFile = 1024 * 1024;

/** What reading the file gave. */
type Content = { readonly text: string } | { readonly error: WebsslError };

/**
 * Reads a file of API keys (see {@link parseApiKeys}) and follows its changes, in place, by replacement or through symbolic
 * links. A key that is taken out of it stops working then.
 *
 * @throws WebsslError `API_KEYS_FILE_UNREADABLE`, `API_KEYS_FILE_INVALID`
 */
export async function openApiKeys(path: string, options: ApiKeysOptions = {}): Promise<ApiKeys> {
  const { onReload, onProblem, pollMilliseconds = 5000, settleMilliseconds = 50 } = options;
  let seen = await read(path);
  let entries = entriesOf(seen, path);
  let isClosed = false;

  const apply = (content: Content) => {
    seen = content;
    try {
      entries = entriesOf(content, path);
    } catch (error) {
      onProblem?.(stillInForce(error));
      return;
    }
    onReload?.(entries.length);
  };
  const check = async () => {
    let content = await read(path);
    while (!isSame(content, seen)) {
      await sleep(settleMilliseconds, undefined, { ref: false });
      const later = await read(path);
      if (isClosed) return;
      if (isSame(later, content)) apply(content);
      content = later;
    }
  };
  const stopWatching = watchFile(path, { check, pollMilliseconds });

  return {
    find: (presented) => findKey(entries, presented),
    get count() {
      return entries.length;
    },
    close: () => {
      isClosed = true;
      stopWatching();
    },
  };
}

/** Compares with every entry, also after one that is the same. */
function findKey(entries: readonly ApiKeyEntry[], presented: string): ApiKey | undefined {
  const digest = keyDigest(presented);
  let found: ApiKey | undefined;
  for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) found = entry.key;
  return found;
}

async function read(path: string): Promise<Content> {
  try {
    const status = await stat(path);
    if (!status.isFile()) return unreadable(path, 'it is not a file');
    if (status.size > largestFile) return unreadable(path, 'it is larger than 1 MiB');
    return { text: await readFile(path, 'utf8') };
  } catch (cause) {
    return unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): Content {
  const message = `The API keys file ${path} cannot be read: ${reason}. create-key prints a line for it.`;
  const details = { path };
  return { error: new WebsslError({ code: 'API_KEYS_FILE_UNREADABLE', message, details, cause }) };
}

function entriesOf(content: Content, path: string): readonly ApiKeyEntry[] {
  if ('error' in content) throw content.error;
  return parseApiKeys(content.text, path);
}

function isSame(one: Content, other: Content): boolean {
  if ('error' in one) return 'error' in other && one.error.message === other.error.message;
  return 'text' in other && one.text === other.text;
}

function stillInForce(error: unknown): WebsslError {
  if (!WebsslError.isInstance(error)) throw error;
  const { code, message, details, cause } = error;
  return new WebsslError({ code, message: `${message} The keys read before stay in force.`, details, cause });
}
