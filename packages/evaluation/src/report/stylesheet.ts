/** The page's only stylesheet. Dark colours are for screens only: paper is white. */
export const stylesheet = `
:root {
  --page: #ffffff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --shade: #f4f6f8;
  --pass: #116329; --fail: #b3171f; --missing: #7d4e00; --warn: #fff4d6; --warn-text: #5c3c00; --on-status: #ffffff;
  --series-1: #0b62b0; --series-2: #b34700; --series-3: #0a7158; --series-4: #8b3a86; --series-5: #6b5b00; --series-6: #5a5f66;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --text: #e6eaef; --soft: #a3adb8; --line: #333c46; --shade: #181e25;
    --pass: #56d37b; --fail: #ff8b84; --missing: #e8b04a; --warn: #3a2c0a; --warn-text: #ffdf9a; --on-status: #0f1318;
    --series-1: #6cb6ff; --series-2: #ff9d5c; --series-3: #4fd1ae; --series-4: #e08fdc; --series-5: #d9c74a; --series-6: #b6bdc5;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 24px 20px 64px; }
h1, h2, h3 { line-height: 1.25; overflow-wrap: anywhere; }
h1 { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 20px; margin: 0; font-size: 22px; font-weight: 600; }
h2 { margin: 56px 0 12px; padding-bottom: 6px; border-bottom: 1px solid var(--line); font-size: 22px; }
h3 { margin: 32px 0 8px; font-size: 17px; }
p { max-width: 88ch; margin: 8px 0 12px; overflow-wrap: anywhere; }
code, pre { font: 0.9em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
pre { margin: 12px 0; padding: 12px 16px; overflow-x: auto; background: var(--shade); border: 1px solid var(--line); border-radius: 6px; }
header { padding: 24px; border: 1px solid var(--line); border-left: 10px solid var(--fail); border-radius: 8px; background: var(--shade); }
header.pass { border-left-color: var(--pass); }
h1 .status { font-size: 44px; font-weight: 800; letter-spacing: 0.02em; gap: 14px; }
.lead { margin: 12px 0 0; font-size: 17px; }
.banner { max-width: none; margin: 20px 0 0; padding: 12px 16px; background: var(--warn); color: var(--warn-text); border: 1px solid currentColor; border-radius: 6px; }
.key-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr)); gap: 16px 28px; margin: 20px 0 0; }
.key-figures dt { color: var(--soft); font-size: 13px; }
.key-figures dd { margin: 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.key-figures small { display: block; color: var(--soft); font-size: 13px; font-weight: 400; }
.status { display: inline-flex; align-items: center; gap: 0.45em; font-weight: 700; white-space: nowrap; }
.status svg { width: 1em; height: 1em; flex: none; fill: currentColor; }
.status svg path:not(.fill) { fill: none; stroke: var(--on-status); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.status.pass { color: var(--pass); }
.status.fail { color: var(--fail); }
.status.missing { color: var(--missing); }
.scroll { margin: 16px 0 20px; overflow-x: auto; }
:is(.scroll, pre):focus-visible { outline: 2px solid var(--series-1); outline-offset: 2px; }
table { min-width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { padding: 0 0 6px; text-align: left; font-weight: 600; }
th, td { padding: 6px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; font-size: 13px; vertical-align: bottom; border-bottom-width: 2px; }
tbody th { font-weight: 500; }
td, tbody th { max-width: 44ch; overflow-wrap: break-word; }
tbody th { min-width: 13ch; }
.short { min-width: 20ch; }
.long { min-width: 28ch; }
.figure { text-align: right; white-space: nowrap; }
thead .figure { white-space: normal; }
td code, th code { white-space: nowrap; }
tr.fail > *, tr.missing > *, tr.unstable > * { background: var(--shade); }
.bad, .over { color: var(--fail); font-weight: 700; }
.absent, .note, figcaption { color: var(--soft); }
.note, figcaption { font-size: 14px; }
div.gaps { margin-top: 24px; padding: 4px 20px 8px; border: 1px solid var(--line); border-left: 6px solid var(--missing); border-radius: 6px; }
div.gaps h3 { margin-top: 12px; }
div.gaps li { overflow-wrap: anywhere; }
figure { margin: 16px 0 24px; }
figcaption { margin-top: 8px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 0 40px; align-items: start; }
.chart { display: block; max-width: 100%; height: auto; overflow: visible; }
.chart text, .chart tspan { white-space: pre; }
.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 6px; padding: 0; list-style: none; font-size: 14px; overflow-wrap: anywhere; }
.legend li { display: inline-flex; align-items: center; gap: 8px; min-width: 0; }
.sample { flex: none; }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); gap: 0 40px; }
.image { margin: 0 0 16px; }
.image h3 { margin-top: 16px; font-size: 15px; }
.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; margin-bottom: 6px; }
.patches { display: block; width: 100%; height: auto; border-radius: 4px; }
.heat { opacity: 0.8; image-rendering: pixelated; }
.frame-outer, .frame { fill: none; stroke: #ffffff; stroke-width: 2.4; }
.frame { stroke: #d00000; stroke-width: 1.2; }
.not-finite-under, .not-finite { fill: none; stroke: #ffffff; stroke-width: 2.4; }
.not-finite { stroke: #d00000; stroke-width: 1.2; }
.heat-legend { max-width: 420px; margin: 16px 0; font-size: 13px; font-variant-numeric: tabular-nums; }
/* Over a medium grey, as the errors are over the grey picture: the colours are the same. */
.heat-colours { background: #808080; }
.heat-colours svg { display: block; width: 100%; height: 16px; opacity: 0.8; }
.heat-colours { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.heat-labels { display: flex; justify-content: space-between; margin-top: 4px; }
@media (max-width: 600px) {
  main { padding: 12px 16px 48px; }
  header { padding: 16px; }
  h1 .status { font-size: 36px; }
  .wide { display: none; }
  .narrow { display: block; }
  th, td { padding: 6px 8px; }
  caption { max-width: calc(100vw - 32px); }
}
@media print {
  @page { margin: 14mm 12mm; }
  html { color-scheme: light; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  header, .status, .banner, tr, .legend, .sample { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2 { margin-top: 24pt; }
  h2, h3, caption, .legend { break-after: avoid; }
  .scroll { overflow: visible; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  table { font-size: 7.5pt; }
  th, td { padding: 3px 5px; max-width: 32ch; }
  td, tbody th { overflow-wrap: anywhere; }
  .short, .long, tbody th { min-width: 0; }
  p, li, .note, figcaption, .legend { font-size: 9pt; }
  p:has(+ figure) { break-after: avoid; }
  thead { display: table-header-group; }
  thead th { font-size: 7pt; }
  td code, th code { white-space: normal; overflow-wrap: anywhere; }
  tr, figure, header, .heat-legend { break-inside: avoid; }
  .wide { display: block; }
  .narrow { display: none; }
  .charts, .images { grid-template-columns: 1fr 1fr; gap: 0 20px; }
}
`;
