/** Thousands are set apart; the page is English whatever the browser's language. */
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** Milliseconds: one decimal below 10. */
export function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : whole.format(milliseconds)} ms`;
}

/** Part of 1 as per cent: one decimal below 10. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** Six digits; also of numbers that are very small or not finite. */
export function formatNumber(value: number): string {
  return Number.isFinite(value) && Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6
    ? value.toPrecision(6)
    : value === 0
      ? '0'
      : Number.isFinite(value)
        ? value.toExponential(4)
        : String(value);
}

/** `[1280]` */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
