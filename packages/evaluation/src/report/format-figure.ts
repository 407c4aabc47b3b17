/**
 * A number as a person reads it, rounded to significant digits: `0.0283`, `1204`, `2.83e-5`, `NaN`. Never fewer digits than
 * its whole part has, so that 1204 does not become 1200.
 */
export function formatNumber(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e7) return value.toExponential(digits - 1);
  const exponent = Math.floor(Math.log10(size));
  return value.toFixed(Math.max(0, digits - 1 - exponent));
}

/** A bound as it was given: `0.01`, not `0.0100`. */
export function formatBound(bound: number): string {
  return String(Number(bound.toPrecision(6)));
}

/** A cosine; its distance from 1 is what one wants to see: `0.999999986`. */
export function formatCosine(value: number): string {
  return Number.isFinite(value) ? value.toFixed(9) : String(value);
}

/** `2.61 GiB` */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(bytes) / 10)));
  return `${formatNumber(bytes / 1024 ** step)} ${units[step]}`;
}

/** `1 image`, `2 images` */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A ratio and the same in per cent: `2.83e-5 (0.00283 %)`. */
export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${formatNumber(ratio)} (${formatNumber(100 * ratio)} %)` : String(ratio);
}
