import type { Backend, BackendSession, Isolation } from '../contract.js';
import type { Precision } from '../precision.js';

/** What the conformance suite must know of a backend. */
export interface ConformanceOptions {
  /** Asked for when opening, and expected in the device's report. Default `fp32`. */
  readonly precision?: Precision;
  /** Asked for when opening, and expected in the device's report. Default: the backend's own. */
  readonly isolation?: Isolation;
  /**
   * Largest normalised mean squared error against the float64 reference, |computed - expected|² / |expected|². Default by
   * precision: fp32 1e-10, fp16 1e-4, bf16 and int8 1e-2.
   */
  readonly tolerance?: number;
  /** How long whatever must happen may take before it counts as not happening, in milliseconds. Default 15 000. */
  readonly patienceMilliseconds?: number;
  /**
   * Kills what the session runs on, as a crash of the driver would. Default: SIGKILL to `device.details.processId`, where the
   * isolation is `process`; without it and in a thread there is no such case.
   */
  readonly kill?: (session: BackendSession) => void | Promise<void>;
  /**
   * How often a session is opened and closed to find leaks. Default 200, and 5 where the isolation is `process`, which costs a process
   * each time and gives its memory back with it. Resident memory is judged from 60 cycles on.
   */
  readonly cycles?: number;
  /** By how many bytes resident memory may grow with each such session, over the second half of them. Default 128 KiB. */
  readonly growthBytes?: number;
  /** What sessions that are closed have left behind, by name, as far as the device counts it. All must become 0 in time. */
  readonly leftovers?: () => Promise<Readonly<Record<string, number>>>;
}

/** One named check of the contract. `run` rejects with an AssertionError where the backend breaks it. */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
  /** The longest that it may take, where that is more than test runners mostly allow. */
  readonly timeoutMilliseconds?: number;
}

/** Makes a new backend. Every case begins with one of its own. */
export type MakeBackend = () => Backend | Promise<Backend>;

const tolerances: Readonly<Record<string, number>> = { fp32: 1e-10, fp16: 1e-4, bf16: 1e-2, int8: 1e-2 };

/** The tolerance of a precision, or of the options. */
export function toleranceOf({ precision = 'fp32', tolerance }: ConformanceOptions): number {
  return tolerance ?? tolerances[precision] ?? 1e-2;
}
