import type { LogRecord } from '@webssl/checker';
import { damagedRecords, planOf, type ReportRun, recordsOf } from './collect-runs.js';
import { formatCount } from './format-figure.js';

/** Damaged lines that are named; a file that is no log has thousands. */
const mostNamed = 10;
/** Sentences on what runs lack. */
const mostSentences = 100;

/** What a whole evaluation has and these records have not, in sentences. */
export function missingParts(records: readonly LogRecord[], runs: readonly ReportRun[]): string[] {
  if (records.length === 0) return ['There are no records: nothing was measured.'];
  const isComparison = runs.some(({ kind }) => kind === 'comparison');
  const lacking = runs.flatMap(missingOfRun);
  const unnamed = lacking.length - mostSentences;
  return [
    ...(isComparison || runs.some(({ kind }) => kind === 'accuracy') ? [] : ['There is no accuracy run.']),
    ...(isComparison || runs.some(({ kind }) => kind === 'performance')
      ? []
      : ['There is no performance run.']),
    ...lacking.slice(0, mostSentences),
    ...(unnamed > 0 ? [`${formatCount(unnamed, 'more part is', 'more parts are')} missing.`] : []),
    ...damaged(records),
  ];
}

function missingOfRun(run: ReportRun): string[] {
  const name = `The ${run.kind === 'unknown' ? '' : `${run.kind} `}run ${run.id}`;
  const [end] = recordsOf(run, 'run.end');
  return [
    ...(recordsOf(run, 'run.plan').length === 0
      ? [`${name} has no plan: what was to be expected is not known.`]
      : []),
    ...(end === undefined ? [`${name} has no end: it was cut off.`] : []),
    ...(end === undefined || end.status === 'complete'
      ? []
      : [`${name} was ${end.status} after ${end.records} records.`]),
    ...missingComparisons(run, name),
    ...missingBatches(run, name),
  ];
}

function missingComparisons(run: ReportRun, name: string): string[] {
  const plan = planOf(run, 'accuracy');
  if (plan === undefined) return [];
  const compared = new Set(recordsOf(run, 'accuracy.image').map(({ index }) => index)).size;
  const lacksLayers = plan.layers > 0 && recordsOf(run, 'accuracy.layer').length === 0;
  const lacksStability = plan.stability > 0 && recordsOf(run, 'accuracy.stability').length === 0;
  return [
    ...(compared < plan.images
      ? [`${name} compared ${compared} of ${formatCount(plan.images, 'image')}.`]
      : []),
    ...(lacksLayers ? [`${name} has no comparison by layer.`] : []),
    ...(lacksStability ? [`${name} has no repeated runs.`] : []),
  ];
}

function missingBatches(run: ReportRun, name: string): string[] {
  const plan = planOf(run, 'performance');
  if (plan === undefined) return [];
  const measured = recordsOf(run, 'performance.batch');
  return plan.devices.flatMap((device) => {
    const lacking = plan.batches.filter(
      (batch) => !measured.some((record) => record.device === device && record.batch === batch),
    );
    return lacking.length === 0
      ? []
      : [`${name} has no figures of ${device} in batches of ${lacking.join(', ')}.`];
  });
}

function damaged(records: readonly LogRecord[]): string[] {
  const lines = damagedRecords(records);
  return [
    ...lines.slice(0, mostNamed).map(({ line, message }) => `Line ${line} of the log is damaged: ${message}`),
    ...(lines.length > mostNamed
      ? [`${formatCount(lines.length - mostNamed, 'more line')} of the log damaged.`]
      : []),
  ];
}
