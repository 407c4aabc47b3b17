import type { Readable } from 'node:stream';

const longestTail = 4096;
const mostLines = 12;

/** A stack frame of Node itself. A dozen of them would push out the line that says what happened. */
const runtimeFrame = /^\s+at .*node:internal/;

/** Remembers the last lines that a child wrote, for the message of the error that tells of its death. */
export class OutputTail {
  #text = '';

  /** Reads a stream to its end. What it carries goes nowhere else: a child's output is not the caller's. */
  follow(stream: Readable | null): void {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => this.add(chunk));
    stream?.on('error', () => stream.destroy());
  }

  add(text: string): void {
    this.#text = (this.#text + text).slice(-longestTail);
  }

  /** The last lines, empty where nothing was written. */
  toString(): string {
    const lines = this.#text.trim().split('\n');
    return lines
      .filter((line) => !runtimeFrame.test(line))
      .slice(-mostLines)
      .join('\n');
  }
}
