import type { ModelSource } from './model-source.js';
import type { OutputName, TokenSelection } from './outputs.js';
import type { Precision } from './precision.js';
import type { ImageSize, PixelBatch, Tensor } from './tensor.js';

/** Where a session runs: in a child process (can be killed) or in a worker thread (cheaper calls, cannot be killed). */
export type Isolation = 'process' | 'thread';

/** A device that can run models, as the factory of a backend package returns it. */
export interface Backend {
  readonly specificationVersion: 'v1';
  /** Name in device specifications, such as `cpu`, `cann-onnx` or `acl-native`. */
  readonly id: string;
  /** Whether the device is here and with which hardware and library; if not, why and what to do. Never throws, never crashes the caller. */
  probe(): Promise<DeviceReport>;
  /**
   * Loads a model onto the device. Refuses what it cannot give: it never falls back to another device or precision.
   * @throws WebsslError with a `BACKEND_*` code.
   */
  open(model: ModelSource, options: OpenOptions): Promise<BackendSession>;
}

export interface OpenOptions {
  /** Input size in pixels. */
  readonly size: ImageSize;
  /** Everything that any later run may ask for. */
  readonly outputs: readonly OutputName[];
  /** The tokens of `last_hidden_state` that any later run may ask for. Default `all`. */
  readonly tokens?: TokenSelection;
  /** Default: the backend's own. */
  readonly precision?: Precision;
  /** Default: the backend's own. */
  readonly isolation?: Isolation;
  /** Ends the opening; nothing stays behind. */
  readonly signal?: AbortSignal;
}

export interface BackendSession {
  /** What really executes. */
  readonly device: DeviceInfo;
  /** Batch sizes that suit the device, ascending: advice. `run` takes any B >= 1, and splits and pads inside. */
  readonly batchSizes: readonly number[];
  /** Runs accepted at once; they are executed first in, first out. More are queued, not refused. */
  readonly maxInFlight: number;
  /**
   * Computes the outputs of a batch. A result never depends on the other images of its batch, and its tensors belong to the
   * caller: no later run touches them. `input.data` is never written. It is read until the promise settles, so the caller
   * leaves it alone until then and may reuse it afterwards, also after an abort.
   * @throws WebsslError `BACKEND_ABORTED`, `BACKEND_CLOSED`, `BACKEND_LOST`, `BACKEND_INPUT_INVALID`, `BACKEND_OUTPUT_UNAVAILABLE`.
   */
  run(input: PixelBatch, options?: RunOptions): Promise<RunResult>;
  /** Settles, never rejects, when the session has ended, also when its device or process died. */
  readonly closed: Promise<CloseReason>;
  /** Ends the session and frees everything native. Runs in flight reject with `BACKEND_CLOSED`. Idempotent. */
  close(): Promise<void>;
}

export interface RunOptions {
  /** A subset of what the session was opened with. Default: all of it. */
  readonly outputs?: readonly OutputName[];
  /** Default: what the session was opened with. */
  readonly tokens?: TokenSelection;
  /** Rejects the run at once with `BACKEND_ABORTED`; the session stays usable. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** One tensor an output asked for; the first dimension is the batch. */
  readonly tensors: Readonly<Partial<Record<OutputName, Tensor>>>;
  readonly timing?: RunTiming;
}

/** Milliseconds; the phases that a backend cannot tell apart are absent. */
export interface RunTiming {
  readonly hostToDevice?: number;
  readonly compute?: number;
  readonly deviceToHost?: number;
}

/** What a session really executes on. */
export interface DeviceInfo {
  /** Id of the backend. */
  readonly backend: string;
  /** Hardware, in the words of its driver or operating system. */
  readonly name: string;
  readonly precision: Precision;
  /** The library that computes, with its version. */
  readonly library: string;
  readonly isolation: Isolation;
  /** Which one of several devices. */
  readonly index?: number;
  /** More that is worth recording, such as the number of threads; of a session in a process of its own the `processId`. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

export type DeviceReport =
  | {
      readonly usable: true;
      readonly devices: readonly DeviceSummary[];
      readonly library: string;
      /** More that is worth knowing, such as the path of the library, the version of the driver or that it is a simulator. */
      readonly details?: Readonly<Record<string, string | number | boolean>>;
    }
  | {
      readonly usable: false;
      /** Code of the error behind it, where there is one. */
      readonly code?: string;
      readonly reason: string;
      readonly advice: string;
      /** The library, where it answers and it is its devices that cannot be used. */
      readonly library?: string;
      /** Those devices, each with what is wrong with it. */
      readonly devices?: readonly DeviceSummary[];
      readonly details?: Readonly<Record<string, string | number | boolean>>;
    };

export interface DeviceSummary {
  readonly index: number;
  readonly name: string;
  readonly totalMemoryBytes?: number;
  readonly freeMemoryBytes?: number;
  /** Why this device cannot be used; absent where nothing speaks against it. */
  readonly unusable?: DeviceProblem;
}

/** Why a device cannot be used, such as that it is busy or not the user's, and what to do about it. */
export interface DeviceProblem {
  /** Code of the error behind it, where there is one. */
  readonly code?: string;
  readonly reason: string;
  readonly advice: string;
}

export type CloseReason =
  | { readonly kind: 'closed' }
  /** The device, its process or its thread died or overran its deadline. */
  | { readonly kind: 'lost'; readonly error: Error };
