import { visibleText } from '../html.js';
import { atMost } from '../row-limit.js';

/** Rows of one table: a comment on GitHub holds 65 536 characters. */
const mostRows = 50;

/** Text that GitHub shows as it is, in a paragraph or a cell: no markup, HTML, mention, reference to an issue, or line break. */
export function escapeMarkdown(text: string): string {
  return visibleText(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*~[\]|]|(?<![a-z0-9])_|_(?![a-z0-9])/gi, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')
    .replace(/#(?!64;)/g, '&#35;')
    .replace(/:\/\//g, '&#58;//')
    .trim();
}

/** A fenced block; the fence is longer than any in the text. */
export function codeBlock(text: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${visibleText(text)}\n${fence}`;
}

export interface MarkdownColumn<Row> {
  readonly header: string;
  readonly cell: (row: Row) => string | undefined;
  /** Figures stand at the right. */
  readonly right?: boolean;
}

/** A table; columns in which no row has anything are left out, and so are rows that are too many, which it says. */
export function markdownTable<Row>(columns: readonly MarkdownColumn<Row>[], rows: readonly Row[]): string {
  const { shown, note } = atMost(rows, mostRows);
  const filled = columns.filter(({ cell }) => shown.some((row) => cell(row) !== undefined));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(filled.map(({ header }) => escapeMarkdown(header))),
    line(filled.map(({ right }) => (right === true ? '---:' : '---'))),
    ...shown.map((row) => line(filled.map(({ cell }) => escapeMarkdown(cell(row) ?? '–')))),
    ...(note === undefined ? [] : ['', note]),
  ].join('\n');
}
