import type { RecordOf, Verdict } from '@webssl/checker';
import { collectRuns, planOf, type ReportRun, recordsOf } from '../collect-runs.js';
import { formatBound, formatBytes, formatCosine, formatNumber, formatRatio } from '../format-figure.js';
import { missingParts } from '../missing-parts.js';
import type { ReportContent } from '../report-content.js';
import { worstWhereMany } from '../row-limit.js';
import { ruleCounts, worstRulesFirst } from '../rules.js';
import { subjectLine, subjectOf, syntheticWarning } from '../subject.js';
import { deviceDetails, distinctDevices, distinctEnvironments } from '../surroundings.js';
import { worseFirst } from '../worst-comparisons.js';
import { codeBlock, escapeMarkdown, markdownTable } from './markdown-text.js';

const marks = { PASS: '✅ PASS', FAIL: '❌ FAIL', MISSING: '⚠️ MISSING' } as const;

/** `report.md`: what fits a pull request; the rest is in `report.html`. */
export function renderMarkdownReport({ records, verdict, command }: ReportContent): string {
  const runs = collectRuns(records);
  const subject = subjectOf(runs);
  const missing = missingParts(records, runs);
  const parts = [
    `## ${marks[verdict.result]} ${escapeMarkdown(subjectLine(subject))}`,
    ruleCounts(verdict.rules),
    subject.synthetic ? `> **${escapeMarkdown(syntheticWarning)}**` : undefined,
    rules(verdict),
    missing.length > 0
      ? ['What is missing:', '', ...missing.map((sentence) => `- ${escapeMarkdown(sentence)}`)].join('\n')
      : undefined,
    section('Accuracy', accuracyTotals(runs), comparedTensors(runs), ...runs.map(drift)),
    section('Performance', performance(runs)),
    details('Environment', machines(runs), devices(runs)),
    details('How to reproduce it', command === '' ? undefined : codeBlock(command), runTable(runs)),
  ];
  return `${parts.filter((part) => part !== undefined).join('\n\n')}\n`;
}

function rules({ rules }: Verdict): string | undefined {
  if (rules.length === 0) return undefined;
  return markdownTable(
    [
      { header: 'Status', cell: ({ status }) => marks[status] },
      { header: 'Rule', cell: ({ name }) => name },
      { header: 'Measured', cell: ({ measured }) => measured },
      { header: 'Bound', cell: ({ bound }) => bound },
      { header: 'Note', cell: ({ note }) => note },
    ],
    worstRulesFirst(rules),
  );
}

function accuracyTotals(runs: readonly ReportRun[]): string | undefined {
  const totals = recordsOf(runs, 'accuracy.total');
  if (totals.length === 0) return undefined;
  return markdownTable(
    [
      { header: 'Tensor', cell: ({ tensor }) => tensor },
      { header: 'Comparisons', cell: ({ comparisons }) => String(comparisons), right: true },
      { header: 'Mean NMSE', cell: ({ mean_nmse }) => formatRatio(mean_nmse), right: true },
      { header: 'Largest NMSE', cell: ({ max_nmse }) => formatRatio(max_nmse), right: true },
      { header: 'Smallest cosine', cell: ({ min_cosine }) => formatCosine(min_cosine), right: true },
      { header: 'Largest error', cell: ({ max_abs_error }) => formatNumber(max_abs_error), right: true },
      { header: 'Not finite', cell: ({ not_finite }) => String(not_finite), right: true },
    ],
    totals,
  );
}

function comparedTensors(runs: readonly ReportRun[]): string | undefined {
  const tensors = worstWhereMany(recordsOf(runs, 'accuracy.tensor'), worseFirst);
  if (tensors.length === 0) return undefined;
  return markdownTable(
    [
      { header: 'Tensor', cell: ({ tensor }) => tensor },
      { header: 'NMSE', cell: ({ nmse }) => formatRatio(nmse), right: true },
      { header: 'Cosine', cell: ({ cosine }) => formatCosine(cosine), right: true },
      { header: 'Largest error', cell: ({ max_abs_error }) => formatNumber(max_abs_error), right: true },
      { header: 'Problem', cell: ({ problem }) => problem },
    ],
    tensors,
  );
}

function drift(run: ReportRun): string | undefined {
  const [summary] = recordsOf(run, 'accuracy.drift');
  if (summary === undefined) return undefined;
  const { bound, first_layer_over, worst_layer, worst_nmse } = summary;
  const first = first_layer_over === undefined ? 'none' : `layer ${first_layer_over}`;
  return `First layer over ${formatBound(bound)}: ${first}. Largest NMSE by layer: ${formatRatio(worst_nmse)} at layer ${worst_layer}.`;
}

function performance(runs: readonly ReportRun[]): string | undefined {
  const batches = recordsOf(runs, 'performance.batch');
  if (batches.length === 0) return undefined;
  const milliseconds = (of: (record: RecordOf<'performance.batch'>) => number | undefined) => ({
    cell: (record: RecordOf<'performance.batch'>) => optional(of(record)),
    right: true,
  });
  return markdownTable(
    [
      { header: 'Device', cell: ({ device }) => device },
      { header: 'Batch', cell: ({ batch }) => String(batch), right: true },
      { header: 'n', cell: ({ n }) => String(n), right: true },
      { header: 'Median ms', ...milliseconds(({ median_ms }) => median_ms) },
      { header: 'p90 ms', ...milliseconds(({ p90_ms }) => p90_ms) },
      { header: 'p99 ms', ...milliseconds(({ p99_ms }) => p99_ms) },
      { header: 'Images/s', cell: (record) => formatNumber(record.images_per_second), right: true },
      { header: 'Speed-up', cell: ({ speedup }) => optional(speedup), right: true },
      {
        header: 'Remark',
        cell: ({ unstable }) =>
          unstable ? 'unstable: the first half of the samples differs from the second' : undefined,
      },
    ],
    batches,
  );
}

function machines(runs: readonly ReportRun[]): string | undefined {
  const environments = distinctEnvironments(runs);
  if (environments.length === 0) return undefined;
  return markdownTable(
    [
      { header: 'Processor', cell: ({ cpu }) => cpu },
      { header: 'Logical', cell: ({ processors }) => String(processors), right: true },
      { header: 'Memory', cell: ({ memory_bytes }) => formatBytes(memory_bytes), right: true },
      { header: 'System', cell: ({ os, arch }) => `${os} (${arch})` },
      { header: 'Node.js', cell: ({ node }) => node },
      { header: 'Images', cell: ({ image_library }) => image_library },
    ],
    environments,
  );
}

function devices(runs: readonly ReportRun[]): string | undefined {
  const records = distinctDevices(runs);
  if (records.length === 0) return undefined;
  return markdownTable(
    [
      { header: 'Device', cell: ({ device }) => device },
      { header: 'Role', cell: ({ role }) => role },
      { header: 'Hardware', cell: ({ name }) => name },
      { header: 'Precision', cell: ({ precision }) => precision },
      { header: 'Library', cell: ({ library }) => library },
      { header: 'Details', cell: ({ details }) => deviceDetails(details) },
    ],
    records,
  );
}

function runTable(runs: readonly ReportRun[]): string | undefined {
  if (runs.length === 0) return undefined;
  const revisionOf = (run: ReportRun) => (planOf(run, 'accuracy') ?? planOf(run, 'performance'))?.revision;
  return markdownTable(
    [
      { header: 'Run', cell: ({ kind }) => kind },
      { header: 'Identifier', cell: ({ id }) => id },
      { header: 'Revision', cell: revisionOf },
      { header: 'webssl', cell: (run) => recordsOf(run, 'run.plan')[0]?.version },
      { header: 'Ended', cell: (run) => recordsOf(run, 'run.end')[0]?.status ?? 'without an end' },
    ],
    runs,
  );
}

function section(name: string, ...parts: readonly (string | undefined)[]): string | undefined {
  const told = parts.filter((part) => part !== undefined);
  return told.length === 0 ? undefined : [`### ${name}`, ...told].join('\n\n');
}

function details(name: string, ...parts: readonly (string | undefined)[]): string | undefined {
  const told = parts.filter((part) => part !== undefined);
  if (told.length === 0) return undefined;
  return ['<details>', `<summary>${name}</summary>`, '', told.join('\n\n'), '', '</details>'].join('\n');
}

function optional(value: number | undefined): string | undefined {
  return value === undefined ? undefined : formatNumber(value);
}
