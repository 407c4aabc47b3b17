import { runProgram } from '@webssl/command-line';
import { serveUsageErrors } from '@webssl/server/command';
import { createProgram } from './program.js';

/**
 * Runs the command line.
 *
 * @param parameters what stands behind `webssl`; without any, its help is printed
 * @returns the exit code (exit-code.ts)
 */
export function run(parameters: readonly string[]): Promise<number> {
  return runProgram(parameters.length === 0 ? ['--help'] : parameters, createProgram, {
    interruptedNote:
      'Interrupted: nothing has been written under the name of an output. A download goes on where it stopped.',
    usageErrors: ['OUTPUT_FORMAT_UNKNOWN', ...serveUsageErrors],
  });
}
