import { formatBound } from '../format-figure.js';
import type { Html, HtmlPart } from '../html.js';
import { chartFigure } from './chart-figure.js';
import type { ChartLibrary } from './chart-library.js';
import { fineTicks } from './log-axis.js';
import { lineSeries } from './series.js';

interface BatchPoint {
  readonly device: string;
  readonly batch: number;
  readonly value: number;
  /** A range that is drawn behind the value. */
  readonly range?: readonly [low: number, high: number];
  readonly unstable: boolean;
}

export interface BatchChart {
  readonly title: string;
  /** What is measured, with its unit. */
  readonly label: string;
  readonly caption: HtmlPart;
  readonly points: readonly BatchPoint[];
}

/** From here on the smaller of two devices would lie on the axis. */
const logarithmicFrom = 20;

/** One line a device over the batch sizes; logarithmic where the values are far apart. Points that are not finite are left out. */
export function batchChart(
  library: ChartLibrary,
  { title, label, caption, points }: BatchChart,
): Html | undefined {
  const shown = points.filter(({ value, range = [] }) =>
    [value, ...range].every((part) => part > 0 && Number.isFinite(part)),
  );
  if (shown.length === 0) return undefined;
  const devices = [...new Set(points.map(({ device }) => device))];
  const series = lineSeries(devices);
  const values = shown.flatMap(({ value, range = [] }) => [value, ...range]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isLogarithmic = high / low > logarithmicFrom;
  const { plot } = library;
  const ticks = isLogarithmic ? { ticks: fineTicks(low * 0.8, high * 1.25) } : {};

  return chartFigure(library, {
    title,
    caption,
    legend: series,
    width: 510,
    options: (width) => ({
      height: 300,
      marginLeft: 52,
      marginTop: 34,
      marginBottom: 40,
      x: {
        type: 'point',
        domain: [...new Set(shown.map(({ batch }) => batch))].sort((a, b) => a - b),
        padding: 0.4,
      },
      y: isLogarithmic
        ? { type: 'log', domain: [low * 0.8, high * 1.25] }
        : { domain: [0, high], nice: true, zero: true },
      marks: [
        plot.gridY({ ...ticks, strokeOpacity: 0.15 }),
        plot.axisY({
          ...ticks,
          text: formatBound,
          label: isLogarithmic ? `${label} (logarithmic)` : label,
          labelArrow: 'none',
        }),
        plot.axisX({ label: 'Images in a batch', labelAnchor: 'center', labelArrow: 'none' }),
        plot.ruleY([isLogarithmic ? low * 0.8 : 0]),
        ...series.flatMap(({ name, colour, dash }, index) => {
          const ofDevice = shown.filter(({ device }) => device === name).sort((a, b) => a.batch - b.batch);
          const dx = (index - (series.length - 1) / 2) * Math.min(10, width / 40);
          const common = { x: 'batch', dx };
          return [
            plot.line(ofDevice, {
              ...common,
              y: 'value',
              stroke: colour,
              strokeWidth: 1.5,
              ...(dash === undefined ? {} : { strokeDasharray: dash }),
            }),
            plot.ruleX(
              ofDevice.filter(({ range }) => range !== undefined),
              {
                ...common,
                y1: ({ range }: BatchPoint) => range?.[0],
                y2: ({ range }: BatchPoint) => range?.[1],
                stroke: colour,
                strokeWidth: 5,
                strokeOpacity: 0.35,
              },
            ),
            plot.dot(ofDevice, {
              ...common,
              y: 'value',
              stroke: colour,
              strokeWidth: 2,
              r: 3.5,
              fill: ({ unstable }: BatchPoint) => (unstable ? 'var(--page)' : colour),
            }),
          ];
        }),
      ],
    }),
  });
}
