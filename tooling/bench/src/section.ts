import type { Check } from './checks.js';

/** What one part of the benchmark found. */
export interface Section {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How to read the table, and what was left out and why. */
  readonly notes: readonly string[];
  readonly checks: readonly Check[];
  /** The raw samples behind the table, by name; seconds unless the name says otherwise. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
}
