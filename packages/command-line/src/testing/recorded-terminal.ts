import type { StatusLine, Terminal } from '../terminal.js';

/** A terminal that keeps what it is told. */
export class RecordedTerminal implements Terminal {
  readonly isInteractive = false;
  readonly isClosed = false;
  readonly hasFailed = false;
  readonly results: string[] = [];
  readonly notes: string[] = [];
  /** What the status lines showed; `stopped` where one ended. */
  readonly statuses: string[] = [];

  result(line: string): void {
    this.results.push(line);
  }

  note(line: string): void {
    this.notes.push(line);
  }

  showProgress(title: string, total: number, unit: string): ReturnType<Terminal['showProgress']> {
    return {
      update: (done) => this.statuses.push(`${title} ${done}/${total} ${unit}`),
      stop: () => this.statuses.push('stopped'),
    };
  }

  showStatus(): StatusLine {
    return {
      update: (text) => this.statuses.push(text()),
      stop: () => this.statuses.push('stopped'),
    };
  }
}
