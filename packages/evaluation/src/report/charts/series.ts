import { type Html, html } from '../html.js';

/** How one thing is drawn in all charts: told apart by colour and by another mark. */
export interface Series {
  readonly name: string;
  /** A CSS colour; it follows the colour scheme. */
  readonly colour: string;
  readonly mark: 'line' | 'area';
  /** SVG stroke-dasharray of its line. */
  readonly dash?: string | undefined;
}

/** How many colours the stylesheet has: `--series-1` and so on. */
export const seriesColours = 6;
const dashes = [undefined, '7 3', '2 3', '10 3 2 3', '5 5', '1 4'];

export function lineSeries(names: readonly string[]): Series[] {
  return names.map((name, index) => ({
    name,
    colour: colourOf(index),
    dash: dashes[index % dashes.length],
    mark: 'line',
  }));
}

/** In colours that a second device does not have, so that a phase is not taken for one. */
const areaColours = [3, 2, 5];

export function areaSeries(names: readonly string[]): Series[] {
  return names.map((name, index) => ({
    name,
    colour: colourOf(areaColours[index % areaColours.length] ?? 0),
    mark: 'area',
  }));
}

/** The sample of a legend. */
export function seriesMark({ colour, dash, mark }: Series): Html {
  return mark === 'area'
    ? html`<svg class="sample" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="${colour}"/></svg>`
    : html`<svg class="sample" viewBox="0 0 34 12" width="34" height="12" aria-hidden="true"><path d="M0,6H34" stroke="${colour}" stroke-width="2"${
        dash !== undefined && html` stroke-dasharray="${dash}"`
      }/><circle cx="17" cy="6" r="3.5" fill="${colour}"/></svg>`;
}

function colourOf(index: number): string {
  return `var(--series-${(index % seriesColours) + 1})`;
}
