import { type ReportRun, recordsOf } from '../collect-runs.js';
import { type Html, html } from '../html.js';
import { figure, table } from '../table.js';

/** What was asked for and could not be had. */
export function errorSection(runs: readonly ReportRun[]): Html | undefined {
  const errors = recordsOf(runs, 'run.error');
  if (errors.length === 0) return undefined;
  return html`<section>
<h2>Errors</h2>
${table(
  'What was asked for and could not be had',
  [
    { header: 'Code', cell: ({ code }) => html`<code>${code}</code>`, as: 'row' },
    { header: 'Device', cell: ({ device }) => device },
    { header: 'Batch', cell: ({ batch }) => figure(batch, String), as: 'figure' },
    {
      header: 'Image',
      cell: ({ image, index }) => image ?? (index === undefined ? undefined : `number ${index}`),
    },
    { header: 'Message', cell: ({ message }) => message, as: 'long' },
  ],
  errors,
)}
</section>`;
}
