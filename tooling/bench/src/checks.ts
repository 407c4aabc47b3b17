/** A bound, and what was measured against it. */
export interface Check {
  readonly name: string;
  /** What the bound is on, such as `s`, `GB` or nothing for a ratio. */
  readonly unit?: string;
  readonly bound: { readonly atMost: number } | { readonly atLeast: number };
  readonly measured: number | { readonly missing: string };
}

export type Verdict = 'holds' | 'BROKEN' | 'not measured';

/** NaN breaks every bound. */
export function verdictOf({ bound, measured }: Check): Verdict {
  if (typeof measured !== 'number') return 'not measured';
  const holds = 'atMost' in bound ? measured <= bound.atMost : measured >= bound.atLeast;
  return holds ? 'holds' : 'BROKEN';
}

/** Whether every bound that could be measured holds. */
export function allHold(checks: readonly Check[]): boolean {
  return checks.every((check) => verdictOf(check) !== 'BROKEN');
}
