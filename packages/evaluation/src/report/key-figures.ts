import type { RecordOf } from '@webssl/checker';
import { type ReportRun, recordsOf } from './collect-runs.js';
import { formatNumber, formatRatio } from './format-figure.js';
import { candidatesOf } from './subject.js';

export interface KeyFigure {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly isBad?: boolean;
}

/** The few figures that one asks for first: the largest error, and what each candidate does at best. */
export function keyFigures(runs: readonly ReportRun[]): KeyFigure[] {
  const totals = recordsOf(runs, 'accuracy.total').map(({ tensor, max_nmse }) => ({
    name: `Largest NMSE of ${tensor}`,
    value: formatRatio(max_nmse),
    isBad: !Number.isFinite(max_nmse),
  }));
  const candidates = runs.flatMap((run) =>
    candidatesOf(run).flatMap((device) => {
      const batches = recordsOf(run, 'performance.batch').filter((record) => record.device === device);
      return candidateFigures(device, batches);
    }),
  );
  return [...totals, ...candidates];
}

function candidateFigures(device: string, batches: readonly RecordOf<'performance.batch'>[]): KeyFigure[] {
  const best = batches
    .filter((record) => Number.isFinite(record.images_per_second))
    .reduce<RecordOf<'performance.batch'> | undefined>(
      (fastest, record) =>
        fastest === undefined || record.images_per_second > fastest.images_per_second ? record : fastest,
      undefined,
    );
  const alone = batches.find((record) => record.batch === 1);
  return [
    ...(alone === undefined
      ? []
      : [
          {
            name: 'Median latency',
            value: `${formatNumber(alone.median_ms)} ms`,
            note: `${device}, one image`,
          },
        ]),
    ...(best === undefined
      ? []
      : [
          {
            name: 'Best throughput',
            value: `${formatNumber(best.images_per_second)} images/s`,
            note: `${device}, batches of ${best.batch}${
              best.speedup === undefined ? '' : `: ${formatNumber(best.speedup)} times the reference`
            }`,
          },
        ]),
  ];
}
