import type { PlotOptions } from '@observablehq/plot';
import { type Html, type HtmlPart, html } from '../html.js';
import type { ChartLibrary } from './chart-library.js';
import { type Series, seriesMark } from './series.js';

export interface ChartFigure {
  /** What the chart shows, for those who do not see it. */
  readonly title: string;
  readonly caption: HtmlPart;
  readonly legend: readonly Series[];
  /** Pixels that it has on a screen that is wide enough. */
  readonly width: number;
  readonly options: (width: number) => PlotOptions;
}

/** Pixels that a phone has for a chart. */
const narrowWidth = 320;

/** A chart in two sizes, so that its text can be read on a phone; the page shows the one that fits. */
export function chartFigure(
  library: ChartLibrary,
  { title, caption, legend, width, options }: ChartFigure,
): Html {
  const size = (name: string, pixels: number) =>
    html`<div class="${name}">${library.draw({ style: { fontSize: '12px' }, ...options(pixels), width: pixels }, title)}</div>`;
  return html`<figure>
${legend.length > 0 && html`<ul class="legend">${legend.map((series) => html`<li>${seriesMark(series)} ${series.name}</li>`)}</ul>`}
${size('wide', width)}${size('narrow', narrowWidth)}
<figcaption>${caption}</figcaption>
</figure>`;
}
