import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ExampleResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExampleOptions {
  readonly parameters?: readonly string[];
  /** Sent whenever the program has printed on stdout. */
  readonly signalAfterLine?: NodeJS.Signals;
  /** What the program's stdout is. Default: a pipe that is read. */
  readonly stdout?: number;
}

/** Runs a program with one command in a process of its own. It uses what has been built. */
export function runExample(action: string, options: ExampleOptions = {}): Promise<ExampleResult> {
  const { parameters = [], signalAfterLine, stdout: output = 'pipe' } = options;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', programWith(action), '--', ...parameters],
    // `@webssl/*` and commander are found from here.
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', output, 'pipe'] },
  );
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (signalAfterLine !== undefined) child.kill(signalAfterLine);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

const programWith = (action: string) => `
  import { setTimeout as delay } from 'node:timers/promises';
  import { WebsslError } from '@webssl/backend';
  import { runProgram } from '@webssl/command-line';
  import { Command } from 'commander';

  process.exitCode = await runProgram(
    process.argv.slice(1),
    (terminal, signal, finish) =>
      new Command('example').exitOverride().action(async () => { ${action} }),
    { interruptedNote: 'Interrupted: nothing is left.', usageErrors: ['EXAMPLE_FORMAT_UNKNOWN'] },
  );`;
