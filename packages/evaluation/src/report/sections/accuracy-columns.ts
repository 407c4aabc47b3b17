import type { RecordOf } from '@webssl/checker';
import { formatCosine, formatNmse } from '../format-figure.js';
import { html } from '../html.js';
import { type Cell, type Column, figure } from '../table.js';

type Figures = Pick<
  RecordOf<'accuracy.image'>,
  | 'nmse'
  | 'nmse_percent'
  | 'relative_l2'
  | 'cosine'
  | 'max_abs_error'
  | 'not_finite'
  | 'reference_not_finite'
  | 'problem'
>;

/** Whether a comparison is over the bound of its run, or its figures cannot be trusted. */
export function isOver({ nmse, problem }: Figures, bound = Number.POSITIVE_INFINITY): boolean {
  return problem !== undefined || !(nmse <= bound);
}

/** How many values are faulty; anything but 0 stands out. */
export function faultCount(count: number): Cell {
  return { figure: count, shown: String(count), isBad: count > 0 };
}

/** The columns that every comparison of two tensors has; an NMSE over the bound stands out. */
export const comparisonColumns = (bound: number | undefined): readonly Column<Figures>[] => [
  {
    header: 'NMSE',
    cell: (record) => ({
      figure: record.nmse,
      shown: formatNmse(record.nmse),
      isBad: isOver(record, bound),
    }),
    as: 'figure',
  },
  { header: 'NMSE in %', cell: ({ nmse_percent }) => figure(nmse_percent, formatNmse), as: 'figure' },
  { header: 'Relative L2', cell: ({ relative_l2 }) => figure(relative_l2), as: 'figure' },
  { header: 'Cosine', cell: ({ cosine }) => figure(cosine, formatCosine), as: 'figure' },
  { header: 'Largest error', cell: ({ max_abs_error }) => figure(max_abs_error), as: 'figure' },
  { header: 'Not finite', cell: ({ not_finite }) => faultCount(not_finite), as: 'figure' },
  {
    header: 'Not finite in the reference',
    cell: ({ reference_not_finite: count }) => (count === 0 ? undefined : faultCount(count)),
    as: 'figure',
  },
  {
    header: 'Problem',
    cell: ({ problem }) => (problem === undefined ? undefined : html`<code>${problem}</code>`),
  },
];
