/** A number as a cell may show it; a dash stands for none. */
const number = /^(-|-?\d+(\.\d+)?(e[+-]?\d+)?x?)$/;

/** Rows as text columns of equal width; numbers stand right. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) =>
    cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  const isNumber = header.map((_, column) => rows.every((row) => number.test(String(row[column]))));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
