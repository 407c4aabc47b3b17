import { WebsslError } from '@webssl/backend';
import { exitCode } from '../exit-code.js';
import { describeError, type Progress, type Terminal } from '../terminal.js';

/** What a command that evaluates gets to work with. */
export interface EvaluationHandles {
  /** Aborted by Ctrl-C, and when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  readonly onStep: (done: number, total: number) => void;
  /** To be called where the output may have been closed. */
  readonly checkOutput: () => void;
  /** Clears the line that tells how far it is. */
  readonly stopProgress: () => void;
}

/**
 * Runs a command that evaluates. Its own exit codes are the verdict's: 0 PASS, 1 FAIL; 2 says that there is no verdict.
 */
export async function runEvaluation(
  terminal: Terminal,
  signal: AbortSignal,
  work: (handles: EvaluationHandles) => Promise<number>,
): Promise<number> {
  const closed = new AbortController();
  let progress: Progress | undefined;
  let steps = 0;
  try {
    return await work({
      signal: AbortSignal.any([signal, closed.signal]),
      onStep(done, total) {
        // Accuracy and performance have steps of their own.
        if (total !== steps || done === 0) {
          progress?.stop();
          progress = terminal.showProgress('Evaluating', total, 'steps');
          steps = total;
        }
        progress?.update(done);
      },
      checkOutput() {
        if (terminal.isClosed) closed.abort(new Error('nobody reads the output'));
      },
      stopProgress: () => progress?.stop(),
    });
  } catch (error) {
    if (signal.aborted) {
      terminal.note('Interrupted: the log says that it is incomplete, and webssl check will say FAIL.');
      return exitCode.interrupted;
    }
    if (closed.signal.aborted) return exitCode.unusable;
    if (!WebsslError.isInstance(error)) throw error;
    terminal.note(describeError(error));
    return exitCode.unusable;
  } finally {
    progress?.stop();
  }
}
