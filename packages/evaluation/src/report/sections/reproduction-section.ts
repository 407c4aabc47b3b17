import { type ReportRun, recordsOf } from '../collect-runs.js';
import { formatNumber } from '../format-figure.js';
import { type Html, html } from '../html.js';
import { type Cell, table } from '../table.js';

/** What one needs to make the same figures again. */
export function reproductionSection(runs: readonly ReportRun[], command: string): Html {
  const columns = runs.map((run) => ({
    header:
      run.kind === 'unknown'
        ? 'Run of unknown kind'
        : `${run.kind[0]?.toUpperCase()}${run.kind.slice(1)} run`,
    cell: ([, of]: Attribute) => of(run),
  }));
  return html`<section>
<h2>How to reproduce it</h2>
${command === '' ? html`<p>The command was not recorded.</p>` : html`<pre tabindex="0"><code>${command}</code></pre>`}
${runs.length > 0 && table('What ran', [{ header: 'What', cell: ([name]: Attribute) => name, as: 'row' }, ...columns], attributes)}
<p>Every figure here is from the records in <code>log.txt</code>, which <code>webssl check</code> judges again; <code>results.json</code> holds the same for programs.</p>
</section>`;
}

type Attribute = readonly [name: string, of: (run: ReportRun) => Cell];

const planned = (run: ReportRun) => recordsOf(run, 'run.plan')[0];
const modelOf = (run: ReportRun) => {
  const plan = planned(run);
  return plan === undefined || plan.kind === 'comparison' ? undefined : plan;
};
const ended = (run: ReportRun) => recordsOf(run, 'run.end')[0];

const attributes: readonly Attribute[] = [
  ['Model', (run) => modelOf(run)?.model],
  ['Revision', (run) => modelOf(run)?.revision],
  ['Weights', (run) => modelOf(run)?.weights],
  [
    'Input',
    (run) => {
      const plan = modelOf(run);
      return plan === undefined ? undefined : `${plan.height} × ${plan.width} pixels`;
    },
  ],
  ['webssl', (run) => planned(run)?.version],
  ['Run', ({ id }) => id],
  ['Started', (run) => planned(run)?.started],
  [
    'Ended',
    (run) => {
      const end = ended(run);
      return end === undefined ? 'without an end' : `${end.status} after ${formatNumber(end.seconds)} s`;
    },
  ],
];
