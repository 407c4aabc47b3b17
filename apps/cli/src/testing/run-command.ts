import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command as it is installed; it runs what has been built. */
export const command = fileURLToPath(new URL('../../bin/webssl.mjs', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Sent once, as soon as stdout has this text: a line, where it is a line break. */
  readonly signalAfter?: { readonly text: string; readonly signal: NodeJS.Signals };
  /** Sent once, as soon as the process has printed anything on stderr. */
  readonly signalAfterFirstNote?: NodeJS.Signals;
}

/** Runs `webssl` with parameters and waits for its end. */
export function webssl(parameters: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return runProcess(process.execPath, [command, ...parameters], options);
}

/** Runs a program and waits for its end. */
export function runProcess(
  program: string,
  parameters: readonly string[],
  { cwd, environment, signalAfter, signalAfterFirstNote }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const had = signalAfter !== undefined && stdout.includes(signalAfter.text);
      stdout += text;
      if (signalAfter !== undefined && !had && stdout.includes(signalAfter.text))
        child.kill(signalAfter.signal);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr === '' && signalAfterFirstNote !== undefined) child.kill(signalAfterFirstNote);
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
