import type { Readable } from 'node:stream';

const longestTail = 4096;
const mostLines = 12;

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
    return this.#text.trim().split('\n').slice(-mostLines).join('\n');
  }
}
