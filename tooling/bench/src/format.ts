/** `1.234 GB`, decimal, from bytes. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(3)} GB`;
}

/** `0.860`. */
export function ratio(value: number): string {
  return value.toFixed(3);
}

/** `98.6 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** `1.2e-12`, and `0` for no difference at all. */
export function scientific(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

/** `1.20 - 1.31`: the smallest and the largest sample. */
export function range(samples: readonly number[], digits: number): string {
  return `${Math.min(...samples).toFixed(digits)} - ${Math.max(...samples).toFixed(digits)}`;
}
