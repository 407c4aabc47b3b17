import type { Plot } from '../charts/chart-library.js';
import { formatNumber } from '../format-figure.js';
import { type Html, html } from '../html.js';

/** The colours of errors above 0: logarithmic and the same for all images, so that they can be compared. */
export interface HeatScale {
  readonly low: number;
  readonly high: number;
  /** `#rrggbb` */
  colour(error: number): string;
}

/** Smaller errors than this part of the largest look alike: else one tiny error would take the colours of all others. */
const widestRange = 1e6;

/**
 * A scale for all errors above 0, or nothing when there is none. Viridis: equal steps look equally far apart, also without
 * colour and to people who do not tell red from green.
 */
export function heatScale(plot: Plot, errors: readonly number[]): HeatScale | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const error of errors) {
    if (!(error > 0 && Number.isFinite(error))) continue;
    low = Math.min(low, error);
    high = Math.max(high, error);
  }
  if (high === 0) return undefined;
  low = Math.max(low, high / widestRange);
  // One error alone, or all alike, has no range to spread colours over.
  const domain = low < high ? [low, high] : [low / 10, high];
  const scale = plot.scale({ color: { type: 'log', scheme: 'viridis', domain, clamp: true } });
  return { low, high, colour: (error) => scale.apply(error) };
}

/** What the colours mean, with numbers. */
export function heatLegend({ low, high, colour }: HeatScale): Html {
  const stops = 24;
  const at = (part: number) => low * (high / low) ** part;
  const steps = Array.from({ length: stops }, (_, index) => colour(at(index / (stops - 1))));
  const labels = low < high ? [0, 1 / 3, 2 / 3, 1] : [1];
  return html`<div class="heat-legend" role="img" aria-label="Colours: relative L2 error from ${formatNumber(low)} (dark) to ${formatNumber(high)} (bright), logarithmic">
<div class="heat-colours"><svg viewBox="0 0 ${stops} 1" preserveAspectRatio="none" aria-hidden="true">${steps.map(
    (fill, index) => html`<rect x="${index}" width="1.02" height="1" fill="${fill}"/>`,
  )}</svg></div>
<div class="heat-labels" aria-hidden="true">${labels.map((part) => html`<span>${formatNumber(at(part), 2)}</span>`)}</div>
</div>`;
}
