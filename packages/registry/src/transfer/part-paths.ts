/** Files that lie beside a download's destination while it is on its way. */
export interface PartPaths {
  /** The bytes that have come, at their places. */
  readonly part: string;
  /** Which bytes those are. */
  readonly journal: string;
  /** The journal's next version while it is written. */
  readonly nextJournal: string;
  /** Bytes that came whole and were not what the hub says. */
  readonly rejected: string;
}

export function partPaths(destination: string): PartPaths {
  return {
    part: `${destination}.webssl.incomplete`,
    journal: `${destination}.webssl.journal`,
    nextJournal: `${destination}.webssl.journal.next`,
    rejected: `${destination}.webssl.rejected`,
  };
}
