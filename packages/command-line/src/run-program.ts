import { WebsslError } from '@webssl/backend';
import type { Command, CommanderError } from 'commander';
import { exitCode } from './exit-code.js';
import { describeError, ProcessTerminal, type Terminal } from './terminal.js';

/** What a program says and means where it differs from others. */
export interface ProgramSettings {
  /** Printed on stderr when a signal ended the work before it was done. */
  readonly interruptedNote: string;
  /** Codes of errors that its command line can be blamed for, beside those of loading a model. */
  readonly usageErrors?: readonly string[];
}

/**
 * Builds the commands of a program. They need `exitOverride()`, so that a wrong command line does not end the process.
 *
 * @param signal aborted by Ctrl-C, a request to end, or a terminal that was closed
 * @param finish called with the exit code of the command that ran
 */
export type CreateProgram = (
  terminal: Terminal,
  signal: AbortSignal,
  finish: (code: number) => void,
) => Command;

/**
 * Runs a program in this process. The first signal of a kind aborts the work; a second one ends the process at once.
 *
 * A command that returns although it was aborted has its own exit code: a server that closed in order was not interrupted.
 *
 * @param parameters what stands behind the program's name
 * @returns the exit code (exit-code.ts); errors are printed on stderr, none is thrown
 */
export async function runProgram(
  parameters: readonly string[],
  createProgram: CreateProgram,
  { interruptedNote, usageErrors = [] }: ProgramSettings,
): Promise<number> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error('interrupted'));
  for (const name of signals) process.once(name, interrupt);
  const terminal = new ProcessTerminal();
  let code: number = exitCode.success;
  const program = createProgram(terminal, interruption.signal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(parameters, { from: 'user' });
    return terminal.hasFailed ? exitCode.failure : code;
  } catch (error) {
    if (interruption.signal.aborted) {
      terminal.note(interruptedNote);
      return exitCode.interrupted;
    }
    if (isCommanderError(error)) return error.exitCode === 0 ? exitCode.success : exitCode.usage;
    terminal.note(describeError(error));
    const isUsage =
      WebsslError.isInstance(error) && [...loadingUsageErrors, ...usageErrors].includes(error.code);
    return isUsage ? exitCode.usage : exitCode.failure;
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}

/** Told by its shape: a program may have a copy of commander of its own, whose classes are others. */
function isCommanderError(error: unknown): error is CommanderError {
  if (!(error instanceof Error && 'code' in error && 'exitCode' in error)) return false;
  return typeof error.code === 'string' && error.code.startsWith('commander.');
}

/** Errors of loading a model that the command line itself can be blamed for. */
const loadingUsageErrors = [
  'BACKEND_OPTION_INVALID',
  'BACKEND_PRECISION_UNSUPPORTED',
  'BACKEND_UNKNOWN',
  'DEVICE_SPECIFICATION_INVALID',
  'FEATURE_UNKNOWN',
  'GRAPH_SIZE_INVALID',
];

/** Ctrl-C, a request to end, a terminal that was closed: what was begun is removed. A second one ends at once. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
