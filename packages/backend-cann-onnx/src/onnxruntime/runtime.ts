import type { OnnxRuntimeFunctions, Pointer, PointerSlot, Status } from './functions.js';
import type { Resources } from './resources.js';

/** What ONNX Runtime said of a call that failed. */
export class RuntimeFailure extends Error {}

/** A loaded library. */
export class Runtime {
  /** Where it was loaded from. */
  readonly path: string;
  /** Such as `1.22.1`. */
  readonly version: string;
  readonly functions: OnnxRuntimeFunctions;

  constructor(path: string, version: string, functions: OnnxRuntimeFunctions) {
    this.path = path;
    this.version = version;
    this.functions = functions;
  }

  /** @throws RuntimeFailure with the library's message, where the status is one of failure. The status is released. */
  check(status: Status): void {
    if (status === null) return;
    const message = this.functions.getErrorMessage(status);
    this.functions.releaseStatus(status);
    throw new RuntimeFailure(message);
  }

  /**
   * What a function makes, until `resources` are released.
   * @throws RuntimeFailure
   */
  make(
    create: (slot: PointerSlot) => Status,
    release: (made: Pointer) => void,
    resources: Resources,
  ): Pointer {
    const made = this.pointer(create);
    resources.add(() => release(made));
    return made;
  }

  /**
   * The address that a function gives.
   * @throws RuntimeFailure
   */
  pointer(call: (slot: PointerSlot) => Status): Pointer {
    const slot: PointerSlot = [null];
    this.check(call(slot));
    if (slot[0] === null) throw new RuntimeFailure('ONNX Runtime reported success and gave nothing');
    return slot[0];
  }
}
