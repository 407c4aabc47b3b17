import { WebsslError } from '@webssl/backend';
import { CommanderError } from 'commander';
import { exitCode } from './exit-code.js';
import { createProgram } from './program.js';
import { describeError, terminal } from './terminal.js';

/**
 * Runs the command line.
 *
 * @param parameters what stands behind `webssl`
 * @returns the exit code (exit-code.ts)
 */
export async function run(parameters: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  process.stdout.on('error', leaveOnClosedPipe);
  let code: number = exitCode.success;
  const program = createProgram(terminal, interruption.signal, (result) => {
    code = result;
  });
  try {
    if (parameters.length === 0) program.outputHelp();
    else await program.parseAsync(parameters, { from: 'user' });
    return code;
  } catch (error) {
    if (interruption.signal.aborted) {
      terminal.note('Interrupted: nothing has been written under the name of the output.');
      return exitCode.interrupted;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.success : exitCode.usage;
    terminal.note(describeError(error));
    return WebsslError.isInstance(error) && usageErrors.has(error.code) ? exitCode.usage : exitCode.failure;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** Errors that the command line itself can be blamed for. */
const usageErrors = new Set(['DEVICE_SPECIFICATION_INVALID', 'FEATURE_UNKNOWN', 'OUTPUT_FORMAT_UNKNOWN']);

/** `webssl ... | head` closes the pipe: that is not a failure of ours. */
function leaveOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCode.success);
  throw error;
}
