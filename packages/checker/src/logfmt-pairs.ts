import { excerpt } from './words.js';

/** Looks at every character a bounded number of times, also where nothing fits. */
const pair = /\s+(\w+)=("[^"\\]*(?:\\.[^"\\]*)*"|[^\s"=\\]+)(?=\s|$)/sy;

/** The pairs `key=value` of a line from `start` on, or why they cannot be read. The line has no white space at its end. */
export function readPairs(line: string, start: number): Map<string, string> | { readonly problem: string } {
  const pairs = new Map<string, string>();
  for (let at = start; at < line.length; at = pair.lastIndex) {
    pair.lastIndex = at;
    const [, key, written] = pair.exec(line) ?? [];
    const value = written === undefined ? undefined : unquote(written);
    if (key === undefined || value === undefined) {
      return { problem: `this is no key=value: ${excerpt(line.slice(at).trimStart(), 60)}` };
    }
    if (pairs.has(key)) return { problem: `${key} is there twice` };
    pairs.set(key, value);
  }
  return pairs;
}

function unquote(written: string): string | undefined {
  if (!written.startsWith('"')) return written;
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}
