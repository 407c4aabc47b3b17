import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
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

/** Where a piece of the file may be used again. */
interface Slot {
  readonly position: number;
  readonly capacity: number;
  user: number | undefined;
}

/** Smaller inputs travel in the message itself. */
const smallestShared = 64 * 1024;

/** Where Linux keeps files that are memory. */
const memoryFolder = '/dev/shm';

/**
 * The caller's side of a file in memory that a child process inherits: eight images of 224 x 224 are there after 1.0 ms, where
 * the channel takes 4.8 ms. The file has no name, so that it is gone with the last of the two processes.
 */
export class SharedInputWriter {
  readonly descriptor: number;
  readonly #slots: Slot[] = [];
  #end = 0;
  #usable = true;
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
    if (!this.#usable || bytes < smallestShared) return undefined;
    const slot = this.#take(bytes);
    try {
      for (let written = 0; written < bytes; ) {
        const rest = new Uint8Array(data.buffer, data.byteOffset + written, bytes - written);
        written += writeSync(this.descriptor, rest, 0, rest.length, slot.position + written);
      }
    } catch {
      this.#usable = false;
      return undefined;
    }
    slot.user = run;
    return { dims, position: slot.position, bytes };
  }

  /** The child has answered the run: it does not read its input any more. */
  release(run: number): void {
    const slot = this.#slots.find(({ user }) => user === run);
    if (slot !== undefined) slot.user = undefined;
  }

  /** Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#usable = false;
    closeSync(this.descriptor);
  }

  #take(bytes: number): Slot {
    const free = this.#slots.find(({ user, capacity }) => user === undefined && capacity >= bytes);
    if (free !== undefined) return free;
    const slot: Slot = { position: this.#end, capacity: bytes, user: undefined };
    this.#slots.push(slot);
    this.#end += bytes;
    return slot;
  }
}

/** The child's side: reads the pixels of runs into memory that it uses again. */
export class SharedInputReader {
  readonly #descriptor: number;
  readonly #free: Uint8Array[] = [];
  readonly #lent = new Map<number, Uint8Array>();

  constructor(descriptor = sharedInputDescriptor) {
    this.#descriptor = descriptor;
  }

  /** The pixels of a run; they are its own until `release`. */
  read(run: number, { dims, position, bytes }: SharedInput): PixelBatch {
    const fitting = this.#free.findIndex(({ length }) => length >= bytes);
    const memory = this.#free.splice(fitting, fitting < 0 ? 0 : 1)[0] ?? new Uint8Array(bytes);
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
    this.#free.push(memory);
  }
}
