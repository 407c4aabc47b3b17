import { formatNumber } from './format-figure.js';
import { type Html, type HtmlPart, html } from './html.js';
import { atMost, mostRows } from './row-limit.js';

/** A measured number in a cell: what is read, and the whole figure for programs. */
export interface Figure {
  readonly figure: number;
  readonly shown: string;
  /** Stands out; so do numbers that are not finite. */
  readonly isBad?: boolean;
}

export type Cell = HtmlPart | Figure;

export interface Column<Row> {
  readonly header: string;
  /** `undefined`: there is none. */
  readonly cell: (row: Row) => Cell;
  /** `row`: names the row. `figure`: a number. `short`: text that is better not broken.
   * `long`: sentences. Default: words. */
  readonly as?: 'row' | 'figure' | 'short' | 'long';
}

/** A number of a record; `undefined` where the record has none. */
export function figure(
  value: number | undefined,
  format: (value: number) => string = formatNumber,
): Figure | undefined {
  return value === undefined ? undefined : { figure: value, shown: format(value) };
}

/**
 * A table in a box that it can be scrolled in. Columns in which no row has anything are left out; so are rows that are too many,
 * which it says.
 *
 * @param classOf a class for a row
 */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  classOf: (row: Row) => string | undefined = () => undefined,
): Html {
  const { shown, note } = atMost(rows, mostRows);
  const filled = columns.filter(({ cell }) => shown.some((row) => cell(row) !== undefined));
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${filled.map(({ header, as }) => html`<th scope="col"${classAttribute(as)}>${header}</th>`)}</tr></thead>
<tbody>
${shown.map((row) => html`<tr${classAttribute(classOf(row))}>${filled.map((column) => tableCell(column, row))}</tr>\n`)}</tbody>
</table></div>${note !== undefined && html`\n<p class="note">${note}</p>`}`;
}

function tableCell<Row>({ cell, as }: Column<Row>, row: Row): Html {
  const content = showCell(cell(row));
  return as === 'row'
    ? html`<th scope="row">${content}</th>`
    : html`<td${classAttribute(as)}>${content}</td>`;
}

function showCell(cell: Cell): HtmlPart {
  if (cell === undefined) return html`<span class="absent">–</span>`;
  if (typeof cell !== 'object' || !('figure' in cell)) return cell;
  const isBad = cell.isBad === true || !Number.isFinite(cell.figure);
  return html`<data value="${String(cell.figure)}"${classAttribute(isBad ? 'bad' : undefined)}>${cell.shown}</data>`;
}

function classAttribute(name: string | undefined): Html | undefined {
  return name === undefined ? undefined : html` class="${name}"`;
}
