import type * as PlotModule from '@observablehq/plot';
import { Html } from '../html.js';

export type Plot = typeof PlotModule;

/** Draws charts as SVG text, with no browser. */
export interface ChartLibrary {
  readonly plot: Plot;
  /** @param title what the chart shows, for those who do not see it */
  draw(options: PlotModule.PlotOptions, title: string): Html;
}

/** Loads the charts' library and a document for it to draw in. */
export async function loadChartLibrary(): Promise<ChartLibrary> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  return {
    plot,
    draw(options, title) {
      const svg = plot.plot({ document, className: 'chart', ...options });
      // The page's stylesheet has the library's rules once for all charts.
      svg.querySelector('style')?.remove();
      for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
      const titleElement = document.createElementNS('http://www.w3.org/2000/svg', 'title');
      titleElement.textContent = title;
      svg.prepend(titleElement);
      svg.setAttribute('role', 'img');
      return new Html(svg.outerHTML);
    },
  };
}
