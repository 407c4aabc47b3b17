import type { RunKind } from '@webssl/checker';
import { loadChartLibrary } from './charts/chart-library.js';
import { collectRuns, planOf, type ReportRun } from './collect-runs.js';
import { Html, html } from './html.js';
import { missingParts } from './missing-parts.js';
import type { ReportContent } from './report-content.js';
import { accuracySection, comparisonSection } from './sections/accuracy-section.js';
import { environmentSection } from './sections/environment-section.js';
import { errorSection } from './sections/error-section.js';
import { imageSection } from './sections/image-section.js';
import { performanceSection } from './sections/performance-section.js';
import { reproductionSection } from './sections/reproduction-section.js';
import { verdictSection } from './sections/verdict-section.js';
import { stylesheet } from './stylesheet.js';
import { subjectLine, subjectOf } from './subject.js';

/** Nothing is loaded and nothing runs: styles are in the page, pictures in its attributes. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** `report.html`: a page of its own that needs no network and no JavaScript. */
export async function renderHtmlReport({
  records,
  verdict,
  images,
  command,
}: ReportContent): Promise<string> {
  const library = await loadChartLibrary();
  const runs = collectRuns(records);
  const subject = subjectOf(runs);
  const sections = (kind: RunKind, name: string, section: (run: ReportRun, heading: string) => Html) => {
    const ofKind = runs.filter((run) => run.kind === kind);
    return ofKind.map((run) => section(run, ofKind.length > 1 ? `${name}, run ${run.id}` : name));
  };
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${verdict.result}: ${subjectLine(subject)}</title>
<style>${new Html(stylesheet)}</style>
</head>
<body>
<main>
${verdictSection(verdict, { runs, subject, missing: missingParts(records, runs) })}
${environmentSection(runs)}
${sections('accuracy', 'Accuracy', (run, heading) => accuracySection(library, run, heading))}
${sections('comparison', 'Comparison of files', comparisonSection)}
${sections('performance', 'Performance', (run, heading) => performanceSection(library, run, heading))}
${await imageSection(library, images, plannedImages(runs))}
${errorSection(runs)}
${reproductionSection(runs, command)}
</main>
</body>
</html>
`;
  return page.markup;
}

/** How many images an accuracy run was to compare. */
function plannedImages(runs: readonly ReportRun[]): number {
  return runs.reduce((most, run) => Math.max(most, planOf(run, 'accuracy')?.images ?? 0), 0);
}
