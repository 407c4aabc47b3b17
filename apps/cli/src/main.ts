import { WebsslError } from '@webssl/backend';
import { CommanderError } from 'commander';
import { exitCode } from './exit-code.js';
import { createProgram } from './program.js';
import { describeError, ProcessTerminal } from './terminal.js';

/**
 * Runs the command line.
 *
 * @param parameters what stands behind `webssl`
 * @returns the exit code (exit-code.ts)
 */
export async function run(parameters: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error('interrupted'));
  for (const name of signals) process.once(name, interrupt);
  const terminal = new ProcessTerminal();
  let code: number = exitCode.success;
  const program = createProgram(terminal, interruption.signal, (result) => {
    code = result;
  });
  try {
    if (parameters.length === 0) program.outputHelp();
    else await program.parseAsync(parameters, { from: 'user' });
    return terminal.hasFailed ? exitCode.failure : code;
  } catch (error) {
    if (interruption.signal.aborted) {
      terminal.note(
        'Interrupted: nothing has been written under the name of an output. A download goes on where it stopped.',
      );
      return exitCode.interrupted;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.success : exitCode.usage;
    terminal.note(describeError(error));
    return WebsslError.isInstance(error) && usageErrors.has(error.code) ? exitCode.usage : exitCode.failure;
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}

/** Errors that the command line itself can be blamed for. */
const usageErrors = new Set([
  'BACKEND_PRECISION_UNSUPPORTED',
  'BACKEND_UNKNOWN',
  'DEVICE_SPECIFICATION_INVALID',
  'FEATURE_UNKNOWN',
  'GRAPH_SIZE_INVALID',
  'OUTPUT_FORMAT_UNKNOWN',
]);

/** Ctrl-C, a request to end, a terminal that was closed: what was begun is removed. A second one ends at once. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
