import type { RecordOf } from '@webssl/checker';
import { batchChart } from '../charts/batch-chart.js';
import type { ChartLibrary } from '../charts/chart-library.js';
import { phaseChart, phases } from '../charts/phase-chart.js';
import { planOf, type ReportRun, recordsOf } from '../collect-runs.js';
import { formatBytes, formatCount } from '../format-figure.js';
import { groupBy } from '../group-by.js';
import { type Html, html } from '../html.js';
import { mostRows } from '../row-limit.js';
import { type Column, figure, table } from '../table.js';

type BatchRecord = RecordOf<'performance.batch'>;

/** How fast each device is: latency, throughput, speed-up, phases, loading, preprocessing, end to end. */
export function performanceSection(library: ChartLibrary, run: ReportRun, heading: string): Html {
  const plan = planOf(run, 'performance');
  const batches = recordsOf(run, 'performance.batch');
  const unstable = batches.filter((record) => record.unstable).length;
  return html`<section>
<h2>${heading}</h2>
${
  plan !== undefined &&
  html`<p>${formatCount(plan.warmup, 'warm-up run')}, then at least ${plan.min_seconds} s and ${formatCount(
    plan.min_iterations,
    'run',
  )} a measurement, ${formatCount(plan.concurrency, 'run')} in flight${plan.synthetic && ', synthetic weights'}. The reference is <code>${plan.devices[0]}</code>.</p>`
}
${
  unstable > 0 &&
  html`<p><strong class="over">${formatCount(unstable, 'measurement')} of ${batches.length} unstable:</strong> the first half and the second half of the samples differ. Such figures are marked; measure again on a machine that does nothing else.</p>`
}
${batches.length === 0 ? html`<p>No batch was measured.</p>` : batchFigures(library, batches)}
${loading(run)}
${preprocessing(run)}
${endToEnd(run)}
</section>`;
}

function batchFigures(library: ChartLibrary, batches: readonly BatchRecord[]): Html {
  const drawn = batches.slice(0, mostRows);
  const told = [...groupBy(drawn, ({ device }) => device)].flatMap(([device, ofDevice]) => {
    const withPhases = ofDevice.filter((record) => phases.some(({ of }) => of(record) !== undefined));
    return withPhases.length === 0 ? [] : [phaseChart(library, device, withPhases)];
  });
  return html`<div class="charts">
${batchChart(library, {
  title: 'Latency by batch',
  label: 'Milliseconds a batch',
  caption:
    'Latency. Dot: median; bar: from the minimum to the highest percentile of the table. Hollow: unstable.',
  points: drawn.map((record) => ({
    device: record.device,
    batch: record.batch,
    value: record.median_ms,
    range: [record.min_ms, record.p99_ms ?? record.p95_ms ?? record.p90_ms ?? record.median_ms],
    unstable: record.unstable,
  })),
})}
${batchChart(library, {
  title: 'Throughput by batch',
  label: 'Images a second',
  caption: 'Throughput. Hollow: unstable.',
  points: drawn.map((record) => ({
    device: record.device,
    batch: record.batch,
    value: record.images_per_second,
    unstable: record.unstable,
  })),
})}
</div>
${table('Latency of a batch in milliseconds', [...batchColumns, ...latencyColumns], batches, rowClass)}
<p class="note">A percentile is given where the n samples carry it.</p>
${table('Throughput, speed-up and phases', [...batchColumns, ...throughputColumns], batches, rowClass)}
<p class="note">Speed-up: images a second over those of the reference in batches of 1. Phases: means, where the backend tells them.</p>
${told.length > 0 && html`<h3>Phases</h3><div class="charts">${told}</div>`}`;
}

const rowClass = ({ unstable }: BatchRecord) => (unstable ? 'unstable' : undefined);

const batchColumns: readonly Column<BatchRecord>[] = [
  { header: 'Device', cell: ({ device }) => html`<code>${device}</code>`, as: 'row' },
  { header: 'Batch', cell: ({ batch }) => figure(batch, String), as: 'figure' },
];

const latencyColumns: readonly Column<BatchRecord>[] = [
  { header: 'n', cell: ({ n }) => figure(n, String), as: 'figure' },
  { header: 'Min', cell: ({ min_ms }) => figure(min_ms), as: 'figure' },
  { header: 'Mean', cell: ({ mean_ms }) => figure(mean_ms), as: 'figure' },
  { header: 'Median', cell: ({ median_ms }) => figure(median_ms), as: 'figure' },
  { header: 'p90', cell: ({ p90_ms }) => figure(p90_ms), as: 'figure' },
  { header: 'p95', cell: ({ p95_ms }) => figure(p95_ms), as: 'figure' },
  { header: 'p99', cell: ({ p99_ms }) => figure(p99_ms), as: 'figure' },
  { header: 'Deviation', cell: ({ stddev_ms }) => figure(stddev_ms), as: 'figure' },
  { header: 'First half', cell: ({ first_half_ms }) => figure(first_half_ms), as: 'figure' },
  { header: 'Second half', cell: ({ second_half_ms }) => figure(second_half_ms), as: 'figure' },
  {
    header: 'Stable',
    cell: ({ unstable }) => (unstable ? html`<strong class="over">unstable</strong>` : 'yes'),
  },
];

const throughputColumns: readonly Column<BatchRecord>[] = [
  { header: 'Images/s', cell: ({ images_per_second }) => figure(images_per_second), as: 'figure' },
  {
    header: 'Speed-up',
    cell: ({ speedup }) => figure(speedup, (value) => `${figure(value)?.shown} ×`),
    as: 'figure',
  },
  ...phases.map(
    ({ name, of }): Column<BatchRecord> => ({
      header: `${name[0]?.toUpperCase()}${name.slice(1)} in ms`,
      cell: (record) => figure(of(record)),
      as: 'figure',
    }),
  ),
];

function loading(run: ReportRun): Html | undefined {
  const records = recordsOf(run, 'performance.device');
  if (records.length === 0) return undefined;
  return html`<h3>Loading and memory</h3>
${table(
  'Load time, first inference and peak memory',
  [
    { header: 'Device', cell: ({ device }) => html`<code>${device}</code>`, as: 'row' },
    { header: 'Load in ms', cell: ({ load_ms }) => figure(load_ms), as: 'figure' },
    {
      header: 'First inference in ms',
      cell: ({ first_inference_ms }) => figure(first_inference_ms),
      as: 'figure',
    },
    {
      header: 'Peak memory',
      cell: ({ peak_memory_bytes }) => figure(peak_memory_bytes, formatBytes),
      as: 'figure',
    },
  ],
  records,
)}
<p class="note">Peak memory is that of a process that computes and does nothing else, weights that it maps from a file included; a device that runs within the measuring program has none of its own.</p>`;
}

function preprocessing(run: ReportRun): Html | undefined {
  const records = recordsOf(run, 'performance.preprocessing');
  if (records.length === 0) return undefined;
  return html`<h3>Preprocessing</h3>
${table(
  'Milliseconds an image, decoding included, one at a time',
  [
    { header: 'n', cell: ({ n }) => figure(n, String), as: 'figure' },
    { header: 'Min', cell: ({ min_ms }) => figure(min_ms), as: 'figure' },
    { header: 'Mean', cell: ({ mean_ms }) => figure(mean_ms), as: 'figure' },
    { header: 'Median', cell: ({ median_ms }) => figure(median_ms), as: 'figure' },
    { header: 'Deviation', cell: ({ stddev_ms }) => figure(stddev_ms), as: 'figure' },
  ],
  records,
)}`;
}

function endToEnd(run: ReportRun): Html | undefined {
  const records = recordsOf(run, 'performance.end_to_end');
  if (records.length === 0) return undefined;
  return html`<h3>End to end</h3>
${table(
  'From file to feature, preprocessing beside the device',
  [
    { header: 'Device', cell: ({ device }) => html`<code>${device}</code>`, as: 'row' },
    { header: 'Batch', cell: ({ batch }) => figure(batch, String), as: 'figure' },
    { header: 'Images', cell: ({ images }) => figure(images, String), as: 'figure' },
    { header: 'Seconds', cell: ({ seconds }) => figure(seconds), as: 'figure' },
    { header: 'Images/s', cell: ({ images_per_second }) => figure(images_per_second), as: 'figure' },
  ],
  records,
)}`;
}
