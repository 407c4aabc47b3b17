import type { RecordOf } from '@webssl/checker';
import { formatBound } from '../format-figure.js';
import { groupBy } from '../group-by.js';
import { type Html, html } from '../html.js';
import { chartFigure } from './chart-figure.js';
import type { ChartLibrary } from './chart-library.js';
import { decadeLabel, decadesAround, decadeTicks } from './log-axis.js';
import { lineSeries, type Series, seriesColours } from './series.js';

type LayerRecord = RecordOf<'accuracy.layer'>;
interface Point {
  readonly layer: number;
  readonly nmse: number;
}

export interface DriftChart {
  readonly layers: readonly LayerRecord[];
  readonly bound?: number | undefined;
  readonly firstLayerOver?: number | undefined;
}

/**
 * NMSE by layer, logarithmic: a line an image, or with many images one of the largest. NMSE 0 has no logarithm and stands on
 * the axis; what is not finite is marked at the top.
 */
export function driftChart(library: ChartLibrary, { layers, bound, firstLayerOver }: DriftChart): Html {
  const lines = linesOf(layers);
  const series = lineSeries(lines.map(([name]) => name));
  const points = lines.flatMap(([, line]) => line);
  const positive = points.map(({ nmse }) => nmse).filter((nmse) => nmse > 0 && Number.isFinite(nmse));
  const shownBound = bound !== undefined && bound > 0 && Number.isFinite(bound) ? [bound] : [];
  const scaled = [...positive, ...shownBound];
  const hasZero = points.some(({ nmse }) => nmse === 0);
  const { from, to } = decadesAround(scaled.length === 0 ? [1e-9] : scaled);
  const bottom = hasZero ? from - 1 : from;
  const last = points.reduce((deepest, { layer }) => Math.max(deepest, layer), 1);
  const { plot } = library;

  const marks = (narrow: boolean) => [
    plot.gridY(decadeTicks(from, to), { strokeOpacity: 0.15 }),
    plot.axisY(decadeTicks(from, to, narrow ? 5 : 7), {
      text: decadeLabel,
      label: 'NMSE (logarithmic)',
      labelArrow: 'none',
    }),
    hasZero ? plot.axisY([10 ** bottom], { text: () => '0', label: null }) : null,
    plot.axisX(layerTicks(last, narrow ? 5 : 12), {
      tickFormat: String,
      label: 'Layer (0: embeddings)',
      labelAnchor: 'center',
      labelArrow: 'none',
    }),
    plot.ruleY([10 ** bottom]),
    ...firstOver(library, firstLayerOver, last),
    plot.ruleY(shownBound, { stroke: 'var(--fail)', strokeDasharray: '8 4', strokeWidth: 1.5 }),
    plot.text(shownBound, {
      y: shownBound[0] ?? 1,
      text: (value: number) => `bound ${formatBound(value)}`,
      frameAnchor: 'left',
      textAnchor: 'start',
      dx: 6,
      dy: 9,
      fill: 'var(--fail)',
      stroke: 'var(--page)',
      strokeWidth: 4,
    }),
    ...lines.flatMap(([, line], index) => lineMarks(library, line, series[index], 10 ** bottom)),
  ];
  return chartFigure(library, {
    title: `NMSE by layer for ${lines.map(([name]) => name).join(', ')}`,
    caption: html`NMSE of the hidden state after the embeddings (0) and after every layer.${
      hasZero && ' Points on the axis: identical (0).'
    }${points.some(({ nmse }) => !Number.isFinite(nmse)) && ' Crosses at the top: not finite.'}`,
    legend: series,
    width: 1040,
    options: (width) => ({
      height: width > 500 ? 340 : 280,
      marginLeft: 48,
      marginTop: 38,
      marginBottom: 40,
      x: { domain: [0, last], inset: 6 },
      y: { type: 'log', domain: [10 ** bottom, 10 ** to] },
      marks: marks(width < 500),
    }),
  });
}

function firstOver({ plot }: ChartLibrary, layer: number | undefined, last: number) {
  if (layer === undefined) return [];
  const isRight = layer > last / 2;
  return [
    plot.ruleX([layer], { stroke: 'var(--fail)', strokeDasharray: '2 3' }),
    plot.text([`first over the bound: ${layer}`], {
      x: layer,
      frameAnchor: 'top',
      textAnchor: isRight ? 'end' : 'start',
      dx: isRight ? -6 : 6,
      dy: -20,
      fill: 'var(--fail)',
    }),
  ];
}

function lineMarks({ plot }: ChartLibrary, line: readonly Point[], series: Series | undefined, zero: number) {
  const stroke = series?.colour ?? 'currentColor';
  const height = ({ nmse }: Point) => (nmse === 0 ? zero : nmse);
  const finite = line.filter(({ nmse }) => Number.isFinite(nmse));
  const infinite = line.filter(({ nmse }) => !Number.isFinite(nmse));
  // A gap in the line where a figure is missing between two others.
  const withGaps = line.map((point) => ({
    x: point.layer,
    y: Number.isFinite(point.nmse) ? height(point) : Number.NaN,
  }));
  const dash = series?.dash === undefined ? {} : { strokeDasharray: series.dash };
  return [
    plot.line(withGaps, { x: 'x', y: 'y', stroke, strokeWidth: 1.5, ...dash }),
    plot.dot(finite, { x: 'layer', y: height, fill: stroke, r: 2.5 }),
    plot.dot(infinite, {
      x: 'layer',
      frameAnchor: 'top',
      dy: -8,
      stroke: 'var(--fail)',
      symbol: 'times',
      strokeWidth: 2,
      r: 3.5,
    }),
  ];
}

function linesOf(layers: readonly LayerRecord[]): (readonly [string, readonly Point[]])[] {
  const images = groupBy(layers, ({ index }) => index);
  const inOrder = (points: readonly Point[]) => [...points].sort((a, b) => a.layer - b.layer);
  if (images.size <= seriesColours) {
    return [...images.values()].map((ofImage) => [ofImage[0]?.image ?? '', inOrder(ofImage)] as const);
  }
  const largest = [...groupBy(layers, ({ layer }) => layer)].map(([layer, ofLayer]) => ({
    layer,
    nmse: ofLayer.reduce((worst, { nmse }) => Math.max(worst, nmse), 0),
  }));
  return [[`largest of ${images.size} images`, inOrder(largest)]];
}

function layerTicks(last: number, most: number): number[] {
  const step =
    [1, 2, 4, 5, 8, 10, 20, 50].find((candidate) => last / candidate <= most) ?? Math.ceil(last / most);
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
}
