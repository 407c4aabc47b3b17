import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** What stands behind the opening fence, such as `ts`. */
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  /** Whether a `<!-- not run: reason -->` stands before it. */
  readonly isRun: boolean;
}

/** Every Markdown file that users or contributors read, relative to the repository. */
export function markdownFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: repository,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => file !== '' && !file.startsWith('.changeset/'));
}

/** The fenced blocks of a Markdown file. */
export function codeBlocks(file: string): CodeBlock[] {
  const lines = readFileSync(join(repository, file), 'utf8').split('\n');
  const blocks: CodeBlock[] = [];
  for (let line = 0; line < lines.length; line++) {
    const fence = /^```(\S*)/.exec(lines[line] ?? '');
    if (fence === null) continue;
    const end = lines.indexOf('```', line + 1);
    if (end === -1) throw new Error(`${file}:${line + 1}: the code block has no end`);
    const before = lines.slice(Math.max(0, line - 2), line).join('\n');
    blocks.push({
      language: fence[1] ?? '',
      text: lines.slice(line + 1, end).join('\n'),
      line: line + 1,
      isRun: !before.includes('<!-- not run:'),
    });
    line = end;
  }
  return blocks;
}
