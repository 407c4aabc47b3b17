export type RunKind = 'accuracy' | 'performance' | 'comparison';

/** One thing that must hold. */
export interface Rule {
  /** In words: `NMSE of last_hidden_state`. */
  readonly name: string;
  /** MISSING: what would decide it is not in the log. */
  readonly status: 'PASS' | 'FAIL' | 'MISSING';
  /** The figure, as a person reads it: `2.8e-05 (0.0028 %)`. */
  readonly measured?: string;
  /** `at most 0.01 (1 %)` */
  readonly bound?: string;
  /** Why it failed, or where the figure is from. */
  readonly note?: string;
}

export interface Verdict {
  /** PASS when there are rules and all of them pass. */
  readonly result: 'PASS' | 'FAIL';
  readonly rules: readonly Rule[];
}

export interface JudgeOptions {
  /** The runs that the log must hold, one of each kind and no other. Default: accuracy and performance. */
  readonly expect?: readonly RunKind[];
}
