import { resampleKernel } from '../generated/resample-kernel.js';

const pageBytes = 65_536;
/** A memory that one huge image made this large is given up afterwards: WebAssembly memories never shrink. */
const keptBytes = 64 * 1024 * 1024;

interface KernelFunctions {
  horizontal(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    rows: number,
    columns: number,
    starts: number,
    weights: number,
    groups: number,
  ): void;
  vertical(
    source: number,
    stride: number,
    target: number,
    rows: number,
    starts: number,
    weights: number,
    groups: number,
  ): void;
}

/** The part of the WebAssembly JavaScript interface that is used here. The types of Node leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (limits: { initial: number }) => Memory;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: unknown };
};

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

let compiled: object | undefined;

/** The compiled resampler (assembly/resample.ts) with its memory, which the caller lays out: see {@link Kernel.reserve}. */
export class Kernel {
  readonly #memory: Memory;
  readonly #functions: KernelFunctions;
  #used = 0;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(resampleKernel, 'base64'));
    this.#memory = new WebAssembly.Memory({ initial: 1 });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    this.#functions = exports as KernelFunctions;
  }

  get run(): KernelFunctions {
    return this.#functions;
  }

  /** Whether the memory is small enough to be kept for the next image. */
  get reusable(): boolean {
    return this.#memory.buffer.byteLength <= keptBytes;
  }

  /** Forgets all reservations. */
  reset(): void {
    this.#used = 0;
  }

  /**
   * Address of `bytes` bytes, at a multiple of 16, until the next {@link reset}. Views taken before are stale.
   *
   * @throws RangeError when the memory cannot grow that far
   */
  reserve(bytes: number): number {
    const address = this.#used;
    this.#used = (address + bytes + 15) & ~15;
    if (this.#used < address || address + bytes > 0x7fff_ffff)
      throw new RangeError(`${bytes} bytes are too many`);
    const missing = this.#used - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    return address;
  }

  /** Reserves and fills a table of 32-bit words. */
  table(words: Int32Array): number {
    const address = this.reserve(words.byteLength);
    new Int32Array(this.#memory.buffer, address, words.length).set(words);
    return address;
  }

  /** All of the memory, until the next reservation. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }
}
