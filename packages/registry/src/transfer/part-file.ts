import { constants, type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ByteRanges } from './byte-ranges.js';
import { diskError } from './disk-error.js';
import { formatJournal, formatSynced, formatWritten } from './journal-format.js';
import { type PartPaths, partPaths } from './part-paths.js';
import { type PartFacts, type PartState, readPartState } from './part-state.js';
import { openRegularFile } from './regular-file.js';
import { writeChunks } from './write-chunks.js';

/** How often the bytes are made safe against a power cut. */
export interface SyncInterval {
  readonly bytes: number;
  readonly milliseconds: number;
}

/**
 * In the background, so that it costs no time; and often, so that the disk works all along, and little is left to be
 * waited for when the last byte has come.
 */
const defaultSyncInterval: SyncInterval = { bytes: 64 * 1024 * 1024, milliseconds: 5000 };

/** Opens what earlier tries have left of a file. Nothing is created or changed before the first write. */
export async function openPart(
  destination: string,
  facts: PartFacts,
  interval: SyncInterval = defaultSyncInterval,
): Promise<PartFile> {
  return new PartFile(destination, facts, await readPartState(destination, facts), interval);
}

interface OpenFiles {
  readonly data: FileHandle;
  readonly journal: FileHandle;
}

/**
 * A file that is not whole yet: its bytes at their places, and a journal of which ones are there. All methods throw
 * WebsslError `HUB_DISK_FULL` and `CACHE_UNWRITABLE`; what was there before stays usable then.
 */
export class PartFile {
  readonly paths: PartPaths;
  /** Bytes that are there. */
  readonly written: ByteRanges;
  readonly #destination: string;
  readonly #facts: PartFacts;
  readonly #state: PartState;
  readonly #interval: SyncInterval;
  #opening: Promise<OpenFiles> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unsyncedBytes = 0;
  #syncing: Promise<void> | undefined;
  #syncFailure: { readonly error: unknown } | undefined;

  constructor(destination: string, facts: PartFacts, state: PartState, interval: SyncInterval) {
    this.paths = partPaths(destination);
    this.written = state.written;
    this.#destination = destination;
    this.#facts = facts;
    this.#state = state;
    this.#interval = interval;
  }

  /** Writes chunks one after the other from `start` on. Several writes to different places may be under way. */
  async write(chunks: readonly Uint8Array[], start: number): Promise<void> {
    await this.#attempt(async ({ data, journal }) => {
      this.#throwSyncFailure();
      const span = { start, end: start + (await writeChunks(data, chunks, start)) };
      // Only now: a process may be killed between the two, and bytes without a record only come once more.
      await journal.appendFile(formatWritten(span));
      this.written.add(span);
      this.#unsyncedBytes += span.end - span.start;
      if (this.#unsyncedBytes >= this.#interval.bytes) this.#syncInBackground();
    });
  }

  /** Creates the file where no write has done so. */
  async create(): Promise<void> {
    await this.#attempt(async () => undefined);
  }

  /** Makes the file `bytes` long and waits until it is on the disk. */
  async complete(bytes: number): Promise<void> {
    await this.#attempt(async ({ data }) => {
      await this.#syncing;
      this.#throwSyncFailure();
      await data.truncate(bytes);
      await data.datasync();
    });
  }

  /** Gives the complete file its name and removes what else an earlier try has left. */
  async publish(): Promise<void> {
    await this.#attempt(async () => {
      await this.close();
      await rename(this.paths.part, this.#destination);
      await syncFolder(dirname(this.#destination));
      await rm(this.paths.journal, { force: true });
      await rm(this.paths.rejected, { force: true });
    });
  }

  /** Puts the file aside, in the place of one that was put aside before. */
  async reject(): Promise<void> {
    await this.#attempt(async () => {
      await this.close();
      await rename(this.paths.part, this.paths.rejected);
      await rm(this.paths.journal, { force: true });
    });
  }

  /** Closes the files, which stay as they are. Never throws; does nothing when nothing is open. */
  async close(): Promise<void> {
    const files = await this.#opening?.catch(() => undefined);
    clearInterval(this.#timer);
    await this.#syncing;
    await files?.data.close().catch(() => undefined);
    await files?.journal.close().catch(() => undefined);
  }

  async #attempt(action: (files: OpenFiles) => Promise<void>): Promise<void> {
    try {
      this.#opening ??= this.#open();
      await action(await this.#opening);
    } catch (error) {
      throw diskError(error, {
        path: this.paths.part,
        destination: this.#destination,
        name: this.#facts.name,
        presentBytes: this.written.total,
        totalBytes: this.#facts.bytes,
      });
    }
  }

  async #open(): Promise<OpenFiles> {
    const { part, journal, nextJournal } = this.paths;
    const { boot, written, synced } = this.#state;
    const { bytes, hash } = this.#facts;
    const { O_RDWR, O_CREAT, O_TRUNC, O_WRONLY, O_APPEND } = constants;
    const data = await openRegularFile(part, written.total === 0 ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR);
    try {
      // Written anew each time: that drops a torn line, and the bytes that another boot may have lost.
      const text = formatJournal({ digest: hash.digest, bytes, boot, written, synced });
      await rm(nextJournal, { force: true });
      await writeFile(nextJournal, text, { flag: 'wx', flush: true });
      await rename(nextJournal, journal);
      const files = { data, journal: await openRegularFile(journal, O_WRONLY | O_APPEND) };
      this.#timer = setInterval(() => this.#syncInBackground(), this.#interval.milliseconds).unref();
      return files;
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  #syncInBackground(): void {
    if (this.#syncing !== undefined || this.#unsyncedBytes === 0 || this.#opening === undefined) return;
    this.#syncing = this.#sync(this.#opening)
      .catch((error: unknown) => {
        this.#syncFailure = { error };
      })
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  #throwSyncFailure(): void {
    if (this.#syncFailure !== undefined) throw this.#syncFailure.error;
  }

  async #sync(opening: Promise<OpenFiles>): Promise<void> {
    const { data, journal } = await opening;
    // Taken before the sync begins: of what is written meanwhile it promises nothing.
    const { spans } = this.written;
    this.#unsyncedBytes = 0;
    await data.datasync();
    await journal.appendFile(formatSynced(spans));
    await journal.datasync();
  }
}

/** So that the new name, too, outlives a power cut. Not every system can do it, and the file is whole without. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The name is there for every process; after a power cut the file may have to be fetched again.
  }
}
