import { describe, expect, it } from 'vitest';
import { collectRuns, recordsOf } from '../collect-runs.js';
import { failContent, hostileContent, incompleteContent, passContent } from '../testing/report-content.js';
import { renderMarkdownReport } from './markdown-report.js';
import { codeBlock, escapeMarkdown } from './markdown-text.js';

const cellsOf = (line: string) =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The lines of each table. */
function tables(markdown: string): string[][] {
  return (markdown.match(/(?:^\|.*\n)+/gm) ?? []).map((table) => table.trimEnd().split('\n'));
}

describe.each([
  ['pass', passContent(), 7],
  ['fail', failContent(), 6],
  ['incomplete', incompleteContent(), 4],
  ['hostile', hostileContent(), 6],
])('report.md of the content "%s"', (_, content, least) => {
  const markdown = renderMarkdownReport(content);

  it('begins with the verdict', () => {
    expect(markdown).toMatch(content.verdict.result === 'PASS' ? /^## ✅ PASS / : /^## ❌ FAIL /);
  });

  it('has tables whose rows have as many cells as their header', () => {
    const found = tables(markdown);
    expect(found.length).toBeGreaterThanOrEqual(Math.min(least, 4));
    for (const [header = '', rule = '', ...rows] of found) {
      expect(cellsOf(rule).every((cell) => /^---:?$/.test(cell))).toBe(true);
      for (const row of [rule, ...rows]) expect(cellsOf(row)).toHaveLength(cellsOf(header).length);
    }
  });

  it('holds no HTML but its own', () => {
    const outsideCode = markdown.replace(/^(`{3,})\n.*?\n\1$/gms, '');
    expect(new Set(outsideCode.match(/<[^>\n]*>?/g))).toEqual(
      new Set(['<details>', '</details>', '<summary>', '</summary>']),
    );
  });
});

it('shows the figures of every batch', () => {
  const { records } = passContent();
  const [, , performance = []] = tables(renderMarkdownReport(passContent()));
  const throughput = performance.slice(2).map((line) => Number(cellsOf(line)[6]));
  const expected = recordsOf(collectRuns(records), 'performance.batch').map(
    (record) => record.images_per_second,
  );
  expect(throughput).toHaveLength(8);
  for (const [index, value] of expected.entries())
    expect(throughput[index]).toBeCloseTo(value, value < 10 ? 2 : 0);
});

it('says what is missing, which layer is over the bound, and that weights are synthetic', () => {
  expect(renderMarkdownReport(incompleteContent())).toContain('- There is no performance run.');
  expect(renderMarkdownReport(failContent())).toContain('First layer over 0.01: layer 17.');
  expect(renderMarkdownReport(failContent())).toContain('> **Synthetic weights:');
});

it('escapes what Markdown and GitHub would read', () => {
  expect(escapeMarkdown('a|b `c` <d> @team #7 _e_ last_hidden_state\n\\ [x](http://y)')).toBe(
    'a\\|b \\`c\\` &lt;d&gt; &#64;team &#35;7 \\_e\\_ last_hidden_state \\\\ \\[x\\](http&#58;//y)',
  );
  expect(codeBlock('```\n````')).toBe('`````\n```\n````\n`````');
});
