/**
 * Rows as text columns of equal width.
 *
 * @param columns where the cells after the first column stand: figures to the right, words to the left
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: 'figures' | 'words',
): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  const format = (row: readonly string[]) =>
    widths.map((width, column) => {
      const cell = row[column] ?? '';
      return column > 0 && columns === 'figures' ? cell.padStart(width) : cell.padEnd(width);
    });
  return [header, rule, ...rows].map((row) => format(row).join('  ').trimEnd()).join('\n');
}
