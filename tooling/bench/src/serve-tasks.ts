import { createInterface } from 'node:readline';

/** Does one task and gives its figures, such as `{ milliseconds: 12 }`. */
export type Task = () => Promise<Readonly<Record<string, number>>>;

/** The program's side of the protocol of `Contender`: says that it is ready, then does the tasks named on stdin. */
export async function serveTasks(tasks: Readonly<Record<string, Task>>): Promise<void> {
  write({ ready: true });
  for await (const name of createInterface({ input: process.stdin })) {
    const task = tasks[name];
    if (task === undefined)
      throw new Error(`There is no task ${name}, only ${Object.keys(tasks).join(', ')}`);
    write(await task());
  }
}

/** A task that reports how long `work` took. */
export function timed(work: () => Promise<unknown>): Task {
  return async () => {
    const started = performance.now();
    await work();
    return { milliseconds: performance.now() - started };
  };
}

function write(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
