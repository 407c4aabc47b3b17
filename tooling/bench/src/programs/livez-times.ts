/**
 * Asks a server whether it is alive, at a steady pace whatever becomes of the answers, from a process of its own. A program for
 * `Contender`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { writeFloats } from '../float-file.js';
import { programArguments } from '../program-arguments.js';
import { serveTasks } from '../serve-tasks.js';

const { address, milliseconds, samples } = programArguments('address', 'milliseconds', 'samples');
const pace = Number(milliseconds);

const agent = new Agent();
let times: number[] = [];
let stop = new AbortController();
let watching: Promise<void> = Promise.resolve();
let failure: unknown;

async function ask(): Promise<void> {
  const started = performance.now();
  const { statusCode, body } = await agent.request({ origin: address, path: '/livez', method: 'GET' });
  await body.dump();
  if (statusCode !== 200) throw new Error(`/livez was answered with ${statusCode}`);
  times.push(performance.now() - started);
}

async function watch(signal: AbortSignal): Promise<void> {
  const pending: Promise<void>[] = [];
  const started = performance.now();
  while (!signal.aborted) {
    pending.push(
      ask().catch((error: unknown) => {
        failure ??= error;
      }),
    );
    const next = started + pending.length * pace;
    await sleep(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(pending);
}

await serveTasks({
  begin: async () => {
    times = [];
    stop = new AbortController();
    watching = watch(stop.signal);
    return { asked: 0 };
  },
  end: async () => {
    stop.abort();
    await watching;
    if (failure !== undefined) throw failure;
    await writeFloats(samples, Float32Array.from(times));
    return { asked: times.length };
  },
});
stop.abort();
await watching;
await agent.close();
