import type { RecordOf } from '@webssl/checker';
import type { ChartLibrary } from '../charts/chart-library.js';
import { driftChart } from '../charts/drift-chart.js';
import { planOf, type ReportRun, recordsOf } from '../collect-runs.js';
import { formatBound, formatCosine, formatNmse, formatRatio } from '../format-figure.js';
import { type Html, html } from '../html.js';
import { worstWhereMany } from '../row-limit.js';
import { figure, table } from '../table.js';
import { shownComparisons, worseFirst } from '../worst-comparisons.js';
import { comparisonColumns, faultCount, isOver } from './accuracy-columns.js';

/** How far the candidate's features are from the reference's: over all, by image, by layer, and between its own runs. */
export function accuracySection(library: ChartLibrary, run: ReportRun, heading: string): Html {
  const plan = planOf(run, 'accuracy');
  const { rows, note } = shownComparisons(recordsOf(run, 'accuracy.image'));
  return html`<section>
<h2>${heading}</h2>
${
  plan !== undefined &&
  html`<p><code>${plan.candidate}</code> against <code>${plan.reference}</code>, the same pixel values on both${
    plan.synthetic && ', synthetic weights'
  }. NMSE is the squared difference over the square of the reference, bound ${formatBound(plan.max_nmse)} (${formatBound(100 * plan.max_nmse)} %)${
    plan.max_layer_nmse !== undefined && `, of a layer ${formatBound(plan.max_layer_nmse)}`
  }; relative L2 is its root.</p>`
}
${totals(run)}
${
  rows.length === 0
    ? html`<p>No image was compared.</p>`
    : table(
        `By image${note === undefined ? ', batch and tensor' : ', worst first'}`,
        [
          { header: 'Image', cell: ({ image }) => image, as: 'row' },
          { header: 'Batch', cell: ({ batch }) => figure(batch, String), as: 'figure' },
          { header: 'Tensor', cell: ({ tensor }) => tensor },
          ...comparisonColumns(plan?.max_nmse),
        ],
        rows,
        (record) => (isOver(record, plan?.max_nmse) ? 'fail' : undefined),
      )
}
${note !== undefined && html`<p class="note">${note}</p>`}
${drift(library, run)}
${stability(run)}
</section>`;
}

/** Tensors of two files, compared without a device. */
export function comparisonSection(run: ReportRun, heading: string): Html {
  const plan = planOf(run, 'comparison');
  const tensors = worstWhereMany(recordsOf(run, 'accuracy.tensor'), worseFirst);
  return html`<section>
<h2>${heading}</h2>
${plan !== undefined && html`<p><code>${plan.candidate}</code> against <code>${plan.reference}</code>, bound ${formatBound(plan.max_nmse)} (${formatBound(100 * plan.max_nmse)} %).</p>`}
${
  tensors.length === 0
    ? html`<p>No tensor was compared.</p>`
    : table(
        'By tensor',
        [{ header: 'Tensor', cell: ({ tensor }) => tensor, as: 'row' }, ...comparisonColumns(plan?.max_nmse)],
        tensors,
        (record) => (isOver(record, plan?.max_nmse) ? 'fail' : undefined),
      )
}
</section>`;
}

function totals(run: ReportRun): Html | undefined {
  const records = recordsOf(run, 'accuracy.total');
  if (records.length === 0) return undefined;
  return table(
    'Over all images and batches',
    [
      { header: 'Tensor', cell: ({ tensor }) => tensor, as: 'row' },
      { header: 'Comparisons', cell: ({ comparisons }) => figure(comparisons, String), as: 'figure' },
      { header: 'Mean NMSE', cell: ({ mean_nmse }) => figure(mean_nmse, formatNmse), as: 'figure' },
      {
        header: 'Mean NMSE in %',
        cell: ({ mean_nmse_percent }) => figure(mean_nmse_percent, formatNmse),
        as: 'figure',
      },
      { header: 'Largest NMSE', cell: ({ max_nmse }) => figure(max_nmse, formatNmse), as: 'figure' },
      {
        header: 'Largest NMSE in %',
        cell: ({ max_nmse_percent }) => figure(max_nmse_percent, formatNmse),
        as: 'figure',
      },
      { header: 'Mean relative L2', cell: ({ mean_relative_l2 }) => figure(mean_relative_l2), as: 'figure' },
      { header: 'Largest relative L2', cell: ({ max_relative_l2 }) => figure(max_relative_l2), as: 'figure' },
      { header: 'Mean cosine', cell: ({ mean_cosine }) => figure(mean_cosine, formatCosine), as: 'figure' },
      { header: 'Smallest cosine', cell: ({ min_cosine }) => figure(min_cosine, formatCosine), as: 'figure' },
      { header: 'Largest error', cell: ({ max_abs_error }) => figure(max_abs_error), as: 'figure' },
      { header: 'Not finite', cell: ({ not_finite }) => faultCount(not_finite), as: 'figure' },
    ],
    records,
  );
}

function drift(library: ChartLibrary, run: ReportRun): Html | undefined {
  const layers = recordsOf(run, 'accuracy.layer');
  if (layers.length === 0) return undefined;
  const [summary] = recordsOf(run, 'accuracy.drift');
  const plan = planOf(run, 'accuracy');
  const bound = summary?.bound ?? plan?.max_layer_nmse ?? plan?.max_nmse;
  return html`<h3>Drift by layer</h3>
${
  summary !== undefined &&
  html`<p>${
    summary.first_layer_over === undefined
      ? `No layer is over the bound ${formatBound(summary.bound)}.`
      : html`<strong class="over">The first layer over the bound ${formatBound(summary.bound)} is ${layerName(summary.first_layer_over)}.</strong>`
  } The largest NMSE is ${formatRatio(summary.worst_nmse)}, ${layerPlace(summary.worst_layer)}.</p>`
}
${driftChart(library, { layers, bound, firstLayerOver: summary?.first_layer_over })}`;
}

function stability(run: ReportRun): Html | undefined {
  const records = worstWhereMany(
    recordsOf(run, 'accuracy.stability'),
    (a, b) => instability(b) - instability(a),
  );
  if (records.length === 0) return undefined;
  const different = records.filter(({ identical }) => !identical).length;
  return html`<h3>Stability</h3>
<p>The candidate's repeated runs of the same image, in batches and at changing places, against its first run alone: ${
    different === 0 ? 'all are identical.' : `${different} of ${records.length} rows differ.`
  }</p>
${table(
  'Repeated runs',
  [
    { header: 'Image', cell: ({ image }) => image, as: 'row' },
    { header: 'Batch', cell: ({ batch }) => figure(batch, String), as: 'figure' },
    { header: 'Runs', cell: ({ runs }) => figure(runs, String), as: 'figure' },
    { header: 'Identical', cell: ({ identical }) => (identical ? 'yes' : 'no') },
    { header: 'Largest NMSE', cell: ({ max_nmse }) => figure(max_nmse, formatNmse), as: 'figure' },
    { header: 'Largest error', cell: ({ max_abs_error }) => figure(max_abs_error), as: 'figure' },
    { header: 'Not finite', cell: ({ not_finite }) => faultCount(not_finite), as: 'figure' },
  ],
  records,
)}`;
}

/** By the largest NMSE; what is not finite before all that is. */
function instability({ identical, max_nmse }: RecordOf<'accuracy.stability'>): number {
  if (identical) return -1;
  return Number.isFinite(max_nmse) ? max_nmse : Number.MAX_VALUE;
}

function layerName(layer: number): string {
  return layer === 0 ? 'layer 0, the embeddings' : `layer ${layer}`;
}

function layerPlace(layer: number): string {
  return layer === 0 ? 'after the embeddings' : `after layer ${layer}`;
}
