import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { WebsslError } from '@webssl/backend';
import { z } from 'zod';
import { parseJson } from './parse-json.js';
import { type ProcessMemory, readProcessMemory } from './process-tree.js';
import { collectTail, type Program } from './program.js';

const readyMessage = z.object({ ready: z.literal(true) });
const figuresMessage = z.record(z.string(), z.number());

/**
 * A program that stays ready to do a task again and again, so that several can take turns. It writes one line of JSON,
 * `{"ready": true}`, when it has loaded; then, for each line with a task's name on stdin, one line with the figures of
 * that task, such as `{"milliseconds": 12}`. It ends when stdin does.
 */
export class Contender {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #complaint: () => string;

  private constructor(name: string, { command, parameters, environment, folder }: Program) {
    const child = spawn(command, parameters, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    // A program that is not there, or is gone, shows in its answer that does not come.
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    this.name = name;
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#complaint = collectTail(child);
  }

  /** Of the program; absent when it could not be started. */
  get processId(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Starts a program and waits until it has loaded.
   *
   * @throws WebsslError `BENCH_PROGRAM_FAILED` when it ends or says something else
   */
  static async start(name: string, program: Program): Promise<Contender> {
    const { contender } = await Contender.startWith(name, program, readyMessage);
    return contender;
  }

  /**
   * Starts a program whose first line says more than that it is ready.
   *
   * @throws WebsslError `BENCH_PROGRAM_FAILED` when it ends or says something else
   */
  static async startWith<T>(
    name: string,
    program: Program,
    message: z.ZodType<T>,
  ): Promise<{ readonly contender: Contender; readonly greeting: T }> {
    const contender = new Contender(name, program);
    return { contender, greeting: await contender.#answer(message) };
  }

  /** The memory of its process, children not included; undefined where the system does not tell. */
  memory(): ProcessMemory | undefined {
    return this.#child.pid === undefined ? undefined : readProcessMemory(this.#child.pid);
  }

  /**
   * Has a task done once.
   *
   * @param figure which of its figures is wanted
   * @throws WebsslError `BENCH_PROGRAM_FAILED` when the program ends or says something else
   */
  async run(task: string, figure: string): Promise<number> {
    this.#child.stdin?.write(`${task}\n`);
    const value = (await this.#answer(figuresMessage))[figure];
    if (value === undefined) throw this.#failed(`its task ${task} tells no ${figure}`);
    return value;
  }

  /** Lets the program end; resolves when it has. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exit;
  }

  async #answer<T>(message: z.ZodType<T>): Promise<T> {
    const { value: line, done } = await this.#lines.next();
    if (done) throw this.#failed(this.#complaint() || 'it ended without a word');
    const parsed = message.safeParse(parseJson(line));
    if (!parsed.success) throw this.#failed(`it said ${JSON.stringify(line)}`);
    return parsed.data;
  }

  #failed(reason: string): WebsslError {
    this.#child.kill('SIGKILL');
    return new WebsslError({
      code: 'BENCH_PROGRAM_FAILED',
      message: `${this.name} failed: ${reason}`,
      details: { reason },
    });
  }
}
