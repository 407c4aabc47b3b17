import type { EvaluationRecord } from '@webssl/checker';
import { describeError, type Progress, type Terminal } from '@webssl/command-line';
import { exitCode } from '../exit-code.js';
import { createRecordOutput } from './record-output.js';

/** What a command that evaluates gets to work with. */
export interface EvaluationHandles {
  /** Aborted by Ctrl-C, and when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  readonly onStep: (done: number, total: number) => void;
  /** Prints a record, at once or at the end. */
  readonly onRecord: (record: EvaluationRecord) => void;
}

/**
 * Runs a command that evaluates, and prints its records, also when it ends early. Its own exit codes are the verdict's: 0 PASS,
 * 1 FAIL; 2 says that there is no verdict.
 *
 * @param work gives the exit code, or what prints the verdict and gives it
 */
export async function runEvaluation(
  terminal: Terminal,
  signal: AbortSignal,
  { json }: { readonly json: boolean },
  work: (handles: EvaluationHandles) => Promise<() => number>,
): Promise<number> {
  const closed = new AbortController();
  const output = createRecordOutput(terminal, json);
  const steps = stepProgress(terminal);
  let records = 0;
  try {
    const finish = await work({
      signal: AbortSignal.any([signal, closed.signal]),
      onStep: steps.update,
      onRecord(record) {
        records++;
        output.record(record);
        if (terminal.isClosed) closed.abort(new Error('nobody reads the output'));
      },
    }).finally(() => {
      steps.stop();
      output.finish();
    });
    const code = finish();
    return terminal.hasFailed ? exitCode.unusable : code;
  } catch (error) {
    if (signal.aborted) {
      terminal.note(
        records === 0
          ? 'Interrupted before anything was measured.'
          : 'Interrupted: what was measured is incomplete, and a log of it says so; webssl check will say FAIL.',
      );
      return exitCode.interrupted;
    }
    if (!closed.signal.aborted) terminal.note(describeError(error));
    return exitCode.unusable;
  }
}

/** Progress in steps; accuracy and performance have steps of their own, one after the other. */
function stepProgress(terminal: Terminal): { update(done: number, total: number): void; stop(): void } {
  let progress: Progress | undefined;
  let last = { done: 0, total: 0 };
  return {
    update(done, total) {
      if (total !== last.total || done < last.done) {
        progress?.stop();
        progress = terminal.showProgress('Evaluating', total, 'steps');
      }
      last = { done, total };
      progress?.update(done);
    },
    stop: () => progress?.stop(),
  };
}
