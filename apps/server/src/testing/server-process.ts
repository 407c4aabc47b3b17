import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { childrenOf } from './device-process.js';
import { until } from './until.js';

const program = fileURLToPath(new URL('../../bin/webssl-server.mjs', import.meta.url));
const built = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Why the program cannot be started here; empty where it can. */
export const processObstacle = existsSync(built)
  ? existsSync(`/proc/${process.pid}/task/${process.pid}/children`)
    ? ''
    : ' (skipped: needs /proc, to find the process of the device)'
  : ' (skipped: the server is not built)';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `webssl-server` in a process of its own, with a tiny checkpoint on the CPU. */
export class ServerProcess {
  readonly exit: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];

  constructor(flags: readonly string[] = [], model = goldenCheckpoint('vit-tiny-p14')) {
    this.#process = spawn(
      process.execPath,
      [
        // Where there is much room V8 lets garbage grow, and growing memory would say nothing.
        '--max-old-space-size=128',
        program,
        '--model',
        model,
        '--port',
        '0',
        '--threads',
        '1',
        '--mode',
        'coldStart',
        '--log-level',
        'silent',
        ...flags,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    if (this.#process.stderr !== null) {
      createInterface(this.#process.stderr).on('line', (line) => this.#lines.push(line));
    }
    this.exit = new Promise((resolve) => {
      this.#process.on('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** What it has written on stderr. */
  get notes(): string {
    return this.#lines.join('\n');
  }

  get id(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('the server could not be started');
    return pid;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** The processes of its devices. */
  get devices(): readonly number[] {
    return childrenOf(this.id);
  }

  /** Where it serves; waits until a device has computed. */
  async address(): Promise<string> {
    await this.noted('Ready:');
    const [, address] = /Serving .* at (https?:\/\/\S+)/.exec(this.notes) ?? [];
    if (address === undefined) throw new Error(`no address: ${this.notes}`);
    return address;
  }

  /** Waits for a note on stderr. */
  async noted(text: string): Promise<void> {
    await until(`the server says ${text}`, () => {
      if (this.notes.includes(text)) return true;
      if (this.hasEnded) throw new Error(`it ended before it said ${text}: ${this.notes}`);
      return false;
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    const devices = this.hasEnded ? [] : this.devices;
    this.#process.kill('SIGKILL');
    await this.exit;
    for (const device of devices) {
      try {
        process.kill(device, 'SIGKILL');
      } catch {
        // It has ended with its caller, as it should.
      }
    }
  }
}
