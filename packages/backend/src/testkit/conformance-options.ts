import type { Backend, BackendSession, Isolation, Precision } from '../contract.js';

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
}

/** One named check of the contract. `run` rejects with an AssertionError where the backend breaks it. */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}

/** Makes a new backend. Every case begins with one of its own. */
export type MakeBackend = () => Backend | Promise<Backend>;

const tolerances: Readonly<Record<string, number>> = { fp32: 1e-10, fp16: 1e-4, bf16: 1e-2, int8: 1e-2 };

/** The tolerance of a precision, or of the options. */
export function toleranceOf({ precision = 'fp32', tolerance }: ConformanceOptions): number {
  return tolerance ?? tolerances[precision] ?? 1e-2;
}
