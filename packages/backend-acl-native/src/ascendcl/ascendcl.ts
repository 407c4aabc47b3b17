import type { WebsslError } from '@webssl/backend';
import { ascendError, type CallStage } from './ascend-error.js';
import { codes } from './enumerations.js';
import type { CheckedFunctions, Out, PlainFunctions, Pointer } from './functions.js';
import type { Koffi, LibraryFunctions, LoadedLibrary } from './load-library.js';

/** Functions that give an error code. */
export type CheckedName = keyof CheckedFunctions;
type Arguments<Name extends CheckedName> = Parameters<CheckedFunctions[Name]>;

/**
 * The one way of this package into AscendCL. Every call is synchronous and made on the calling thread: contexts and error
 * messages of AscendCL belong to threads.
 */
export class AscendCl {
  /** The functions that give no error code; those that the library may lack can be undefined. */
  readonly plain: Pick<LibraryFunctions, keyof PlainFunctions>;
  /** What was loaded. */
  readonly files: readonly string[];
  /** When the calls are made that come next: decides what their failures are to the caller. */
  stage: CallStage = 'initialising';
  /** The first failure that the device does not survive. Only releases make sense after it. */
  lost: WebsslError | undefined;
  readonly #functions: LibraryFunctions;
  readonly #view: Koffi['view'];
  #isAbandoned = false;

  constructor({ view }: Pick<Koffi, 'view'>, { functions, files }: LoadedLibrary) {
    this.#view = view;
    this.#functions = functions;
    this.plain = functions;
    this.files = files;
  }

  /** Whether the library has a function that some versions lack. */
  has(name: CheckedName): boolean {
    return this.#functions[name] !== undefined;
  }

  /**
   * Makes a call.
   * @throws WebsslError what its error code means.
   */
  call<Name extends CheckedName>(name: Name, ...given: Arguments<Name>): void {
    const code = this.attempt(name, ...given);
    if (code !== codes.success) throw this.failure(name, code);
  }

  /** Makes a call and gives its error code. */
  attempt<Name extends CheckedName>(name: Name, ...given: Arguments<Name>): number {
    if (this.#isAbandoned) throw this.lost;
    const callable = this.#functions[name] as ((...values: Arguments<Name>) => number) | undefined;
    if (callable === undefined) throw new TypeError(`This version of AscendCL has no ${name}.`);
    return callable(...given);
  }

  /** The error of a call that has just failed on this thread. */
  failure(name: string, code: number): WebsslError {
    const recentMessage = this.plain.aclGetRecentErrMsg() ?? undefined;
    const error = ascendError({ call: name, code, recentMessage, stage: this.stage });
    if (error.code === 'BACKEND_LOST') this.lost ??= error;
    return error;
  }

  /** Takes note of a code that is no failure in its place: its message must not be told of the next failure. */
  expected(): void {
    this.plain.aclGetRecentErrMsg();
  }

  /** The address or handle that a call leaves behind its first argument. */
  create(make: (out: Out<Pointer | null>) => void): Pointer {
    const out: Out<Pointer | null> = [null];
    make(out);
    return this.existing('A call of AscendCL', out[0]);
  }

  /** The handle that a function gave; it gives none where memory of the host is short. */
  existing(name: string, handle: Pointer | null): Pointer {
    if (handle === null) throw this.failure(name, codes.noHostMemory);
    return handle;
  }

  /** Memory of the host as bytes. They must not be touched once it is freed. */
  bytesAt(address: Pointer, bytes: number): Uint8Array {
    return new Uint8Array(this.#view(address, bytes));
  }

  /** From now on nothing is called any more, releases neither: the device hangs, and so would the call. Every attempt fails. */
  abandon(error: WebsslError): void {
    this.lost ??= error;
    this.#isAbandoned = true;
  }
}
