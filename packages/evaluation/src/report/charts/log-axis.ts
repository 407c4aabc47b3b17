/** Whole powers of ten that enclose numbers above 0. */
export function decadesAround(values: readonly number[]): { readonly from: number; readonly to: number } {
  const logarithms = values.map(Math.log10);
  const from = Math.floor(logarithms.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY));
  const to = Math.ceil(logarithms.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  return { from, to: Math.max(to, from + 1) };
}

/** Ticks at powers of ten, at most `most`. */
export function decadeTicks(from: number, to: number, most = 7): number[] {
  const step = Math.max(1, Math.ceil((to - from + 1) / most));
  return Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, index) => 10 ** (from + index * step),
  );
}

/** Ticks at 1, 2 and 5 times powers of ten between two numbers; where that is many, at powers of ten. */
export function fineTicks(low: number, high: number): number[] {
  const { from, to } = decadesAround([low, high]);
  const factors = to - from > 3 ? [1] : [1, 2, 5];
  return Array.from({ length: to - from + 1 }, (_, index) =>
    factors.map((factor) => factor * 10 ** (from + index)),
  )
    .flat()
    .filter((tick) => tick >= low && tick <= high);
}

/** `1e-7`, and `0.01` to `100` as they are. */
export function decadeLabel(value: number): string {
  const exponent = Math.round(Math.log10(value));
  return exponent >= -2 && exponent <= 3 ? String(Number(value.toPrecision(3))) : `1e${exponent}`;
}
