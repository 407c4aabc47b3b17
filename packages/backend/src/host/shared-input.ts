import { randomUUID } from 'node:crypto';
import { closeSync, constants, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import type { PixelBatch } from '../tensor.js';

/** The child's number of the file through which pixels reach it; 0 to 2 are the standard streams, 3 is the channel. */
const sharedInputDescriptor = 4;

/** Pixels that lie in the shared file instead of the message. */
export interface SharedInput {
  readonly dims: PixelBatch['dims'];
  /** First byte in the file. */
  readonly position: number;
  readonly bytes: number;
}

/** The piece of the file that a run under way occupies. */
interface Piece {
  readonly run: number;
  readonly begin: number;
  readonly end: number;
}

/** Smaller inputs travel in the message itself. */
const smallestShared = 64 * 1024;

/** Memory that was not needed for so many runs is let go; where the system had none, it is asked again after as many. */
const longestIdle = 32;

/** Where Linux keeps files that are memory. */
const memoryFolder = '/dev/shm';

/**
 * The caller's side of a file in memory that a child process inherits: eight images of 224 x 224 are there after 1.0 ms, where
 * the channel takes 4.8 ms. The file has no name, so that it is gone with the last of the two processes.
 *
 * An input goes into the smallest gap between those under way that is large enough, else behind them. So a gap that remains is
 * smaller than what was written behind it, and with two runs at once the file is never larger than both inputs and one more.
 */
export class SharedInputWriter {
  readonly descriptor: number;
  /** Ascending. */
  #pieces: Piece[] = [];
  /** Bytes of memory that the file has at most. */
  #size = 0;
  /** The end of the last piece that was needed since the file was last cut. */
  #needed = 0;
  #runsUntilCut = longestIdle;
  /** How many runs more do not try to write: the memory was full. */
  #pause = 0;
  #isOpen = true;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** Undefined where the system has no memory for files: then inputs travel in their messages. */
  static open(): SharedInputWriter | undefined {
    const path = `${memoryFolder}/webssl-${randomUUID()}`;
    try {
      const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
      unlinkSync(path);
      return new SharedInputWriter(descriptor);
    } catch {
      return undefined;
    }
  }

  /** Writes the pixels of a run. Undefined where they are few, or the memory is full: then they travel in the message. */
  write(run: number, { data, dims }: PixelBatch): SharedInput | undefined {
    const bytes = data.byteLength;
    if (!this.#isOpen || bytes < smallestShared) return undefined;
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    const begin = this.#place(bytes);
    const end = begin + bytes;
    try {
      for (let written = 0; written < bytes; ) {
        const rest = new Uint8Array(data.buffer, data.byteOffset + written, bytes - written);
        written += writeSync(this.descriptor, rest, 0, rest.length, begin + written);
      }
    } catch {
      this.#pause = longestIdle;
      this.#size = Math.max(this.#size, end);
      this.#cut(this.#end());
      return undefined;
    }
    this.#pieces = [...this.#pieces, { run, begin, end }].sort((left, right) => left.begin - right.begin);
    this.#size = Math.max(this.#size, end);
    this.#needed = Math.max(this.#needed, end);
    this.#runsUntilCut--;
    if (this.#runsUntilCut === 0) {
      this.#cut(this.#needed);
      this.#runsUntilCut = longestIdle;
      this.#needed = this.#end();
    }
    return { dims, position: begin, bytes };
  }

  /** The child has answered the run: it does not read its input any more. */
  release(run: number): void {
    this.#pieces = this.#pieces.filter((piece) => piece.run !== run);
    // Whoever fills the memory needs it more than the next run does.
    if (this.#pause > 0) this.#cut(this.#end());
  }

  /** Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.descriptor);
  }

  #end(): number {
    return this.#pieces.at(-1)?.end ?? 0;
  }

  /** Where an input can be written: the best fit. */
  #place(bytes: number): number {
    let best = { begin: this.#end(), length: Number.POSITIVE_INFINITY };
    let before = 0;
    for (const { begin, end } of this.#pieces) {
      const length = begin - before;
      if (length >= bytes && length < best.length) best = { begin: before, length };
      before = end;
    }
    return best.begin;
  }

  /** Gives the memory behind a position back to the system. */
  #cut(size: number): void {
    if (!this.#isOpen || size >= this.#size) return;
    try {
      ftruncateSync(this.descriptor, size);
      this.#size = size;
    } catch {
      // It stays as large as it is, and the next time may do better.
    }
  }
}

interface FreeMemory {
  readonly memory: Uint8Array<ArrayBuffer>;
  /** How many runs had been read when it became free. */
  readonly since: number;
}

/**
 * The child's side: reads the pixels of runs into memory that it uses again. There are never more pieces of it than there were
 * runs at once: where none is large enough, a new one replaces one that is free.
 */
export class SharedInputReader {
  readonly #descriptor: number;
  /** Ascending by size. */
  #free: FreeMemory[] = [];
  #runs = 0;
  readonly #lent = new Map<number, Uint8Array<ArrayBuffer>>();

  constructor(descriptor = sharedInputDescriptor) {
    this.#descriptor = descriptor;
  }

  /** The pixels of a run; they are its own until `release`. */
  read(run: number, { dims, position, bytes }: SharedInput): PixelBatch {
    const memory = this.#take(bytes);
    this.#lent.set(run, memory);
    for (let done = 0; done < bytes; ) {
      const count = readSync(this.#descriptor, memory, done, bytes - done, position + done);
      if (count === 0) throw new Error('The memory that holds the pixels of a run ends too early.');
      done += count;
    }
    return { data: new Float32Array(memory.buffer, 0, bytes / 4), dims };
  }

  release(run: number): void {
    const memory = this.#lent.get(run);
    if (memory === undefined) return;
    this.#lent.delete(run);
    this.#free.push({ memory, since: this.#runs });
    this.#free.sort((left, right) => left.memory.length - right.memory.length);
  }

  #take(bytes: number): Uint8Array<ArrayBuffer> {
    this.#runs++;
    this.#free = this.#free.filter(({ since }) => this.#runs - since <= longestIdle);
    const fitting = this.#free.findIndex(({ memory }) => memory.length >= bytes);
    // The first that fits is the best fit; where none does, the first of all is the least loss.
    const [reused] = this.#free.splice(Math.max(0, fitting), 1);
    return fitting < 0 || reused === undefined ? new Uint8Array(bytes) : reused.memory;
  }
}
