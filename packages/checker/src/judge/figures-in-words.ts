/**
 * A figure as a person reads it: four digits, `2.813e-05` below a thousandth and from a million on. Beside a bound it has all
 * its digits where four would hide on which side it is.
 */
export function figureInWords(value: number, bound?: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  const hidden = bound !== undefined && value !== bound && rounded(value) === rounded(bound);
  const shown = hidden ? value : rounded(value);
  const size = Math.abs(shown);
  if (size >= 1e-3 && size < 1e6) return String(shown);
  return shown.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A ratio, also in per cent: `2.813e-05 (0.002813 %)`. */
export function ratioInWords(ratio: number, bound?: number): string {
  return `${figureInWords(ratio, bound)} (${figureInWords(ratio * 100, bound === undefined ? undefined : bound * 100)} %)`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
