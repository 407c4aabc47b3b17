import { runProgram } from '@webssl/command-line';
import { Command } from 'commander';
import { addServeCommands, serveUsageErrors } from './command/serve-commands.js';
import { packageVersion } from './package-folder.js';

/**
 * Runs the server's command line.
 *
 * @param parameters what stands behind `webssl-server`; without a command, `serve` is meant
 * @returns the exit code
 */
export function run(parameters: readonly string[]): Promise<number> {
  return runProgram(
    parameters,
    (terminal, signal, finish) => {
      const program = new Command('webssl-server')
        .description('Features of images over HTTP, by Web-SSL vision encoders.')
        .version(packageVersion())
        .exitOverride()
        .showHelpAfterError('(webssl-server serve --help shows how)')
        .addHelpText(
          'after',
          '\nWithout a command, serve is meant; webssl-server serve --help has its options.',
        );
      addServeCommands(program, terminal, signal, finish, { isDefault: true });
      return program;
    },
    {
      interruptedNote: 'Interrupted before the server was up. A download goes on where it stopped.',
      usageErrors: serveUsageErrors,
    },
  );
}
