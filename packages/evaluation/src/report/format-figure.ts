/**
 * A number as a person reads it, rounded to significant digits: `0.0283`, `1204`, `2.83e-05`, `NaN`. Never fewer digits than
 * its whole part has, so that 1204 does not become 1200.
 */
export function formatNumber(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e7) return twoDigitExponent(value.toExponential(digits - 1));
  const exponent = Math.floor(Math.log10(size));
  return value.toFixed(Math.max(0, digits - 1 - exponent));
}

/** An NMSE to four digits, as the rules of a verdict have it: `2.813e-05`. */
export function formatNmse(nmse: number): string {
  return formatBound(Number(nmse.toPrecision(4)));
}

/** A bound or the tick of an axis as it was given: `0.01`, not `0.0100`. */
export function formatBound(bound: number): string {
  const value = Number(bound.toPrecision(6));
  const size = Math.abs(value);
  const isPlain = value === 0 || (size >= 1e-3 && size < 1e6);
  return isPlain ? String(value) : twoDigitExponent(value.toExponential());
}

/** A cosine; its distance from 1 is what one wants to see: `0.999999986`. */
export function formatCosine(value: number): string {
  return Number.isFinite(value) ? value.toFixed(9) : String(value);
}

/** Bytes in decimal units, as the commands show them: `3.4 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `1 image`, `2 images` */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** An NMSE and the same in per cent: `2.834e-05 (0.002834 %)`. */
export function formatRatio(nmse: number): string {
  return Number.isFinite(nmse) ? `${formatNmse(nmse)} (${formatNmse(100 * nmse)} %)` : String(nmse);
}

function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
