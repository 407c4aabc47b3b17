import { WebsslError } from '@webssl/backend';

/** Where a command prints: results on stdout, everything else on stderr. */
export interface Terminal {
  result(line: string): void;
  note(line: string): void;
  /** A line on stderr that says how far something is; nothing where stderr is no terminal. */
  showProgress(title: string, total: number, unit: string): Progress;
  /** A line on stderr that changes; nothing where stderr is no terminal. */
  showStatus(): StatusLine;
  /** Whether a person reads stdout, not a file or a program. */
  readonly isInteractive: boolean;
  /** Whether whoever read stdout has gone, as `| head` does when it has enough. Results are dropped from then on. */
  readonly isClosed: boolean;
  /** Whether results were lost for another reason, such as a full disk behind `>`. */
  readonly hasFailed: boolean;
}

/** Something long that is under way. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** What is under way, in words. */
export interface StatusLine {
  /** Redraws the line, unless it has just been redrawn. */
  update(text: () => string): void;
  stop(): void;
}

/** The terminal of this process. */
export class ProcessTerminal implements Terminal {
  #progress = '';
  #isClosed = false;
  #hasFailed = false;

  constructor() {
    // What was interrupted leaves its progress drawn: the shell's prompt shall not stand behind it.
    process.once('exit', () => this.#draw(''));
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#isClosed = true;
      if (error.code === 'EPIPE' || this.#hasFailed) return;
      this.#hasFailed = true;
      this.note(`stdout cannot be written: ${error.message}`);
    });
  }

  get isInteractive(): boolean {
    return process.stdout.isTTY === true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  result(line: string): void {
    if (!this.#isClosed) this.#print(process.stdout, line);
  }

  note(line: string): void {
    this.#print(process.stderr, line);
  }

  showProgress(title: string, total: number, unit: string): Progress {
    const status = this.showStatus();
    const started = performance.now();
    return {
      update: (done) =>
        status.update(() => {
          const left = (((performance.now() - started) / 1000) * (total - done)) / Math.max(done, 1);
          return `${title} ${done}/${total} ${unit}, ${left.toFixed(0)} s left`;
        }),
      stop: () => status.stop(),
    };
  }

  showStatus(): StatusLine {
    if (!process.stderr.isTTY || process.env['TERM'] === 'dumb') {
      return { update: () => undefined, stop: () => undefined };
    }
    let drawn = Number.NEGATIVE_INFINITY;
    return {
      update: (text) => {
        const now = performance.now();
        if (now - drawn < redrawMilliseconds) return;
        drawn = now;
        this.#draw(text());
      },
      stop: () => this.#draw(''),
    };
  }

  /** Prints a line above the progress, which may share the screen with stdout. */
  #print(stream: NodeJS.WriteStream, line: string): void {
    const progress = this.#progress;
    this.#draw('');
    stream.write(`${stream.isTTY || stream === process.stderr ? withoutControls(line) : line}\n`);
    this.#draw(progress);
  }

  #draw(text: string): void {
    if (text === '' && this.#progress === '') return;
    this.#progress = text.slice(0, (process.stderr.columns || 80) - 1);
    process.stderr.write(`\r\x1b[2K${this.#progress}`);
  }
}

const redrawMilliseconds = 100;

/** Names and messages from files and servers may hold what a terminal takes for commands. */
function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
}

/** An error as a user reads it: its stable code, what was wrong and what to do; a stack only for our own mistakes. */
export function describeError(error: unknown): string {
  if (WebsslError.isInstance(error)) return `${error.code}: ${error.message}`;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
