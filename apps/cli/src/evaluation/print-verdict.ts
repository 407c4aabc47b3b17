import { formatVerdict, type Verdict } from '@webssl/checker';
import type { Terminal } from '@webssl/command-line';
import { exitCode } from '../exit-code.js';

/**
 * Prints the verdict of a run beside its records: with the tables on a terminal, else on stderr, so that a log on stdout
 * holds records only.
 *
 * @returns the exit code
 */
export function printVerdict(verdict: Verdict, terminal: Terminal, json: boolean): number {
  const text = formatVerdict(verdict);
  if (terminal.isInteractive && !json) terminal.result(text);
  else terminal.note(text);
  return verdictExitCode(verdict);
}

export function verdictExitCode({ result }: Verdict): number {
  return result === 'PASS' ? exitCode.success : exitCode.fail;
}
