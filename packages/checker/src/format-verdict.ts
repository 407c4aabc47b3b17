import { escapeInvisible } from './invisible-characters.js';
import type { Verdict } from './verdict.js';

/** Columns are not made wider than this for the sake of one long cell. */
const widest = 56;

/**
 * A verdict for a terminal: a line a rule with its status, figure, bound and note in columns, then `RESULT: PASS` or
 * `RESULT: FAIL` as the last line. Characters of the log that do not show are escaped: nothing in it can move the cursor or make
 * up a line. Holds no line end after the last line.
 */
export function formatVerdict({ result, rules }: Verdict): string {
  const rows = rules.map((rule) =>
    [rule.status, rule.name, rule.measured ?? '', rule.bound ?? '', rule.note ?? ''].map(escapeInvisible),
  );
  const widths = [0, 1, 2, 3].map((column) =>
    rows.reduce((width, row) => Math.max(width, Math.min(widest, row[column]?.length ?? 0)), 0),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, `RESULT: ${result}`].join('\n');
}
