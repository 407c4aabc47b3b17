import type { RecordOf } from '@webssl/checker';
import { formatBound } from '../format-figure.js';
import type { Html } from '../html.js';
import { chartFigure } from './chart-figure.js';
import type { ChartLibrary } from './chart-library.js';
import { areaSeries } from './series.js';

type BatchRecord = RecordOf<'performance.batch'>;

/** The phases of a batch, in the order in which they come. */
export const phases = [
  { name: 'host to device', of: ({ host_to_device_ms }: BatchRecord) => host_to_device_ms },
  { name: 'compute', of: ({ compute_ms }: BatchRecord) => compute_ms },
  { name: 'device to host', of: ({ device_to_host_ms }: BatchRecord) => device_to_host_ms },
] as const;

/** Where the time of a batch goes on one device: a stacked bar a batch size. */
export function phaseChart(library: ChartLibrary, device: string, batches: readonly BatchRecord[]): Html {
  const series = areaSeries(phases.map(({ name }) => name));
  const bars = batches.flatMap((record) =>
    phases.flatMap(({ name, of }, index) => {
      const milliseconds = of(record) ?? 0;
      const colour = series[index]?.colour ?? 'currentColor';
      return Number.isFinite(milliseconds) ? [{ batch: record.batch, name, milliseconds, colour }] : [];
    }),
  );
  const told = series.filter(({ name }) => bars.some((bar) => bar.name === name && bar.milliseconds > 0));
  const { plot } = library;
  return chartFigure(library, {
    title: `Phases by batch on ${device}`,
    caption: `${device}: mean milliseconds a batch, by phase.`,
    legend: told,
    width: 510,
    options: (width) => ({
      height: 62 + 30 * batches.length,
      marginLeft: 64,
      marginTop: 8,
      marginRight: 24,
      marginBottom: 42,
      x: {
        label: 'Milliseconds',
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: width > 500 ? 8 : 4,
        tickFormat: formatBound,
      },
      y: { type: 'band', label: null, tickFormat: (batch: number) => `batch ${batch}`, padding: 0.25 },
      marks: [
        plot.gridX({ strokeOpacity: 0.15 }),
        plot.barX(bars, {
          x: 'milliseconds',
          y: 'batch',
          fill: 'colour',
          order: phases.map(({ name }) => name),
          z: 'name',
          insetRight: 1,
        }),
        plot.ruleX([0]),
      ],
    }),
  });
}
