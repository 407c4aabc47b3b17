import type { Verdict } from '@webssl/checker';
import type { ReportRun } from '../collect-runs.js';
import { type Html, html } from '../html.js';
import { keyFigures } from '../key-figures.js';
import { ruleCounts, worstRulesFirst } from '../rules.js';
import { type Subject, subjectLine, syntheticWarning } from '../subject.js';
import { table } from '../table.js';
import { status } from './status.js';

/** What the report is about, in its first lines. */
export function verdictSection(
  { result, rules }: Verdict,
  { runs, subject, missing }: { runs: readonly ReportRun[]; subject: Subject; missing: readonly string[] },
): Html {
  const figures = keyFigures(runs);
  return html`<header class="${result.toLowerCase()}">
<h1>${status(result)} <span class="subject">${subjectLine(subject)}</span></h1>
<p class="lead">${ruleCounts(rules)}</p>
${subject.synthetic && html`<p class="banner"><strong>Synthetic weights</strong>${syntheticWarning.slice('Synthetic weights'.length)}</p>`}
${figures.length > 0 && html`<dl class="key-figures">${figures.map(({ name, value, note, isBad }) => html`<div><dt>${name}</dt><dd${isBad === true && html` class="bad"`}>${value}${note !== undefined && html`<small>${note}</small>`}</dd></div>`)}</dl>`}
</header>
<section>
<h2>Rules</h2>
${
  rules.length > 0 &&
  table(
    'What must hold, and what was measured',
    [
      { header: 'Status', cell: (rule) => status(rule.status) },
      { header: 'Rule', cell: (rule) => rule.name, as: 'row' },
      { header: 'Measured', cell: (rule) => rule.measured, as: 'short' },
      { header: 'Bound', cell: (rule) => rule.bound, as: 'short' },
      { header: 'Note', cell: (rule) => rule.note, as: 'long' },
    ],
    worstRulesFirst(rules),
    (rule) => rule.status.toLowerCase(),
  )
}
${missing.length > 0 && html`<div class="gaps"><h3>What is missing</h3><ul>${missing.map((sentence) => html`<li>${sentence}</li>`)}</ul></div>`}
</section>`;
}
