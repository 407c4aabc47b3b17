/** One line of a log, without its end. */
export interface LogLine {
  readonly text: string;
  /** Counted from 1, by line feeds, as grep and editors count. */
  readonly number: number;
}

/** The lines of a text, which end in `\n`, `\r\n` or, as a progress bar's, in `\r`. */
export function* logLines(text: string): Generator<LogLine> {
  const end = /\r\n?|\n/g;
  let number = 1;
  let start = 0;
  for (let found = end.exec(text); found !== null; found = end.exec(text)) {
    yield { text: text.slice(start, found.index), number };
    if (found[0] !== '\r') number++;
    start = end.lastIndex;
  }
  yield { text: text.slice(start), number };
}
