/**
 * The few words of memory that a thread shares with its caller, so that the thread is never ended inside a native call.
 *
 * Ending a thread, or the process, while a Node-API library is computing makes that library throw from a place where
 * nobody can catch it: the whole process aborts with exit code 134 (measured with onnxruntime-node 1.30.0).
 */
export class NativeCallFlag {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.#words = new Int32Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#words.buffer as SharedArrayBuffer;
  }

  /** Thread: marks the beginning of a native call. False where no call may begin any more. */
  enter(): boolean {
    Atomics.add(this.#words, calls, 1);
    if (Atomics.load(this.#words, stop) === 0) return true;
    this.leave();
    return false;
  }

  /** Thread: marks the end of a native call. */
  leave(): void {
    Atomics.sub(this.#words, calls, 1);
    Atomics.notify(this.#words, calls);
  }

  /** Whether the caller wants the thread to end. */
  get stopped(): boolean {
    return Atomics.load(this.#words, stop) === 1;
  }

  /** Caller: lets no native call begin any more. True where none is running: now the thread may be ended. */
  stop(): boolean {
    Atomics.store(this.#words, stop, 1);
    return Atomics.load(this.#words, calls) === 0;
  }

  /** Caller: blocks until no native call is running. False where that took longer than the time given. */
  waitUntilIdle(milliseconds: number): boolean {
    const end = Date.now() + milliseconds;
    for (;;) {
      const running = Atomics.load(this.#words, calls);
      if (running === 0) return true;
      const left = end - Date.now();
      if (left <= 0) return false;
      Atomics.wait(this.#words, calls, running, left);
    }
  }
}

const calls = 0;
const stop = 1;
