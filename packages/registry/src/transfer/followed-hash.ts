import { type FileHandle, open } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { WebsslError } from '@webssl/backend';
import { exportedFile } from '@webssl/backend/host';
import { messageOf } from '../file-errors.js';
import type { HubHash } from '../hub/hub-file.js';
import { createFileHasher } from './file-hasher.js';

/** Up to this length a file is hashed where it is, in a few milliseconds; a thread of its own takes longer to start. */
const longestInline = 16 * 1024 * 1024;
const bufferBytes = 1024 * 1024;

/** What the worker is started with. */
export interface HashWorkerInput {
  readonly file: string;
  readonly algorithm: HubHash['algorithm'];
  /** The file's length; SHA-256 does not need it. */
  readonly bytes: number;
}

/** How far the worker may hash now. */
export interface HashOrder {
  readonly end: number;
  readonly isLast: boolean;
}

interface FollowedHashOptions {
  readonly file: string;
  readonly algorithm: HubHash['algorithm'];
  readonly bytes: number | undefined;
  /** File of the worker, where it is not found by this package's own name, as in a bundle. */
  readonly workerEntry: string | URL | undefined;
}

/**
 * The digest of a file that is being written. It reads what is on the disk, close behind the writing, in a thread of its
 * own: so the digest is that of the file itself, bytes of earlier tries included, and is known soon after the last byte.
 */
export class FollowedHash {
  readonly #options: FollowedHashOptions;
  #thread: HashThread | undefined;

  constructor(options: FollowedHashOptions) {
    this.#options = options;
  }

  /**
   * Tells that the bytes up to `frontier` are there.
   * @throws WebsslError `HUB_HASH_FAILED` where the thread has ended.
   */
  advance(frontier: number): void {
    const { algorithm, bytes } = this.#options;
    // Git's blob id begins with the length.
    const length = algorithm === 'sha256' ? (bytes ?? 0) : bytes;
    if (frontier <= longestInline || length === undefined) return;
    this.#thread ??= this.#start(length);
    this.#thread.hashTo({ end: frontier, isLast: false });
  }

  /**
   * The digest of the whole file of `bytes` bytes, in hexadecimal. Rejects soon when the signal aborts.
   * @throws WebsslError `HUB_HASH_FAILED`.
   */
  async finish(bytes: number, signal: AbortSignal | undefined): Promise<string> {
    if (this.#thread === undefined && bytes <= longestInline) return this.#hashInline(bytes, signal);
    this.#thread ??= this.#start(bytes);
    const thread = this.#thread;
    const abort = () => void thread.stop();
    signal?.addEventListener('abort', abort);
    try {
      signal?.throwIfAborted();
      thread.hashTo({ end: bytes, isLast: true });
      return await thread.digest;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends the thread, where there is one. */
  async close(): Promise<void> {
    await this.#thread?.stop();
  }

  #start(bytes: number): HashThread {
    const { file, algorithm, workerEntry } = this.#options;
    return new HashThread(workerEntry ?? ownWorkerEntry(), { file, algorithm, bytes });
  }

  async #hashInline(bytes: number, signal: AbortSignal | undefined): Promise<string> {
    const { file, algorithm } = this.#options;
    const hasher = createFileHasher(algorithm, bytes);
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'r');
      const buffer = Buffer.allocUnsafeSlow(Math.min(bufferBytes, bytes));
      for (let position = 0; position < bytes; ) {
        signal?.throwIfAborted();
        const { bytesRead } = await handle.read(
          buffer,
          0,
          Math.min(buffer.length, bytes - position),
          position,
        );
        if (bytesRead === 0) throw new Error(`it ends at byte ${position}, before ${bytes}`);
        hasher.update(buffer.subarray(0, bytesRead));
        position += bytesRead;
      }
      return hasher.digest('hex');
    } catch (error) {
      throw hashFailed(file, error);
    } finally {
      await handle?.close();
    }
  }
}

class HashThread {
  readonly digest: Promise<string>;
  readonly #worker: Worker;
  #failure: { readonly error: unknown } | undefined;

  constructor(entry: string | URL, workerData: HashWorkerInput) {
    // It needs none of this process's flags, and some, such as --input-type, keep a worker from starting.
    const worker = new Worker(entry, { workerData, execArgv: [] });
    this.#worker = worker;
    this.digest = new Promise((resolve, rejectWith) => {
      const reject = (error: unknown) => rejectWith(hashFailed(workerData.file, error));
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        reject(new Error(`the thread ended early, with code ${code}`));
      });
    });
    this.digest.catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  hashTo(order: HashOrder): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#worker.postMessage(order);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

function hashFailed(file: string, cause: unknown): WebsslError {
  return new WebsslError({
    code: 'HUB_HASH_FAILED',
    message: `The bytes in ${file} could not be hashed: ${messageOf(cause)}. They stay where they are; run it again to check them.`,
    cause,
    details: { file },
  });
}

/** By name, because it is found so both from the sources and from the build. */
function ownWorkerEntry(): URL {
  return exportedFile('@webssl/registry/hash-worker', import.meta.url, 'workerEntry');
}
