import { WebsslError } from '@webssl/backend';
import { formatVerdict, judge, parseLog, type RunKind } from '@webssl/checker';
import type { Terminal } from '@webssl/command-line';
import { verdictExitCode } from '../evaluation/print-verdict.js';
import { runEvaluation } from '../evaluation/run-evaluation.js';
import { readText, readThresholds, type ThresholdOptions } from '../evaluation/thresholds.js';

export interface CheckOptions extends ThresholdOptions {
  readonly expect: readonly RunKind[];
  readonly json: boolean;
}

/** `webssl check`: the verdict over the logs of runs. */
export function check(
  logs: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  return runEvaluation(terminal, signal, options, async () => {
    if (logs.length === 0 && process.stdin.isTTY) {
      throw new WebsslError({
        code: 'CHECK_LOG_MISSING',
        message: 'Name the logs to check, or pipe them in: webssl check accuracy_log.txt perf_log.txt',
      });
    }
    const thresholds = await readThresholds(options);
    const texts: string[] = [];
    for (const log of logs.length === 0 ? ['-'] : logs) texts.push(await readText(log));
    const verdict = judge(texts.flatMap(parseLog), thresholds, { expect: options.expect });
    return () => {
      terminal.result(options.json ? JSON.stringify(verdict) : formatVerdict(verdict));
      return verdictExitCode(verdict);
    };
  });
}
