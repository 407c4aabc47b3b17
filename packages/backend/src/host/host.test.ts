import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BackendSession, Isolation, OpenOptions } from '../contract.js';
import { WebsslError } from '../webssl-error.js';
import { type HostedSessionOptions, openHostedSession } from './open-hosted-session.js';
import { probeInChild } from './probe-in-child.js';

const entry = new URL('./test-entries/arithmetic.mjs', import.meta.url);
const size = { height: 1, width: 1 };
const open: OpenOptions = { size, outputs: ['last_hidden_state'] };
const sessions: BackendSession[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-host-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

interface Setup {
  readonly openMilliseconds?: number;
  readonly imageMilliseconds?: number;
  readonly journal?: string;
  readonly openError?: 'plain' | 'exit';
}

async function start(
  isolation: Isolation,
  setup: Setup = {},
  options: Partial<HostedSessionOptions> = {},
): Promise<BackendSession> {
  const session = await openHostedSession({
    backend: 'arithmetic',
    entry,
    isolation,
    setup: () => setup,
    open,
    deadlineMilliseconds: 20_000,
    ...options,
  });
  sessions.push(session);
  return session;
}

function pixels(...images: readonly number[]) {
  const data = Float32Array.from(images.flatMap((value) => [value, 0, 0]));
  return { data, dims: [images.length, 3, 1, 1] as const };
}

async function numbers(running: ReturnType<BackendSession['run']>): Promise<number[]> {
  return [...((await running).tensors.last_hidden_state?.data ?? [])];
}

it('a process in a native call that never comes back ends soon after its caller is killed', async () => {
  const script = `
    import { openHostedSession } from ${JSON.stringify(import.meta.resolve('@webssl/backend/host'))};
    const session = await openHostedSession({
      backend: 'arithmetic', entry: new URL(${JSON.stringify(entry.href)}), isolation: 'process', setup: () => ({}),
      open: { size: { height: 1, width: 1 }, outputs: ['last_hidden_state'] }, deadlineMilliseconds: 100_000,
    });
    console.log(session.device.details.processId);
    await session.run({ data: Float32Array.of(-3, 0, 0), dims: [1, 3, 1, 1] });`;
  const caller = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const child = Number(await new Promise<Buffer>((resolve) => caller.stdout.once('data', resolve)));
  await delay(200);
  caller.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(child, 0)).toThrow(/ESRCH/), 20_000);
});

it('a thread whose opening is aborted frees what it has opened', async () => {
  const journal = join(folder, 'aborted-openings');
  // On a busy machine the first openings end before their thread is up: the waiting grows until one gets so far.
  for (
    let milliseconds = 0;
    milliseconds < 60 || (milliseconds < 5000 && !existsSync(journal));
    milliseconds += Math.max(3, milliseconds / 20)
  ) {
    const controller = new AbortController();
    const opening = start(
      'thread',
      { journal, openMilliseconds: 5 },
      { open: { ...open, signal: controller.signal } },
    );
    await Promise.race([delay(milliseconds), opening.catch(() => {})]);
    controller.abort();
    await opening.then((session) => session.close()).catch(() => {});
  }
  const lines = () => readFile(journal, 'utf8').then((text) => text.trim().split('\n'));
  await vi.waitFor(async () => {
    const count = async (what: string) => (await lines()).filter((line) => line === what).length;
    expect(await count('close')).toBe(await count('open'));
    expect(await count('open')).toBeGreaterThan(0);
  }, 10_000);
});

describe.each(['process', 'thread'] as const)('a session in a %s', (isolation) => {
  it('computes there, and says so', async () => {
    const session = await start(isolation);
    expect(await numbers(session.run(pixels(1, 2, 3)))).toEqual([2, 4, 6]);
    expect(session.device).toMatchObject({ backend: 'arithmetic', isolation, precision: 'fp32' });
    expect(typeof session.device.details['processId']).toBe(isolation === 'process' ? 'number' : 'undefined');
  });

  it('gets large inputs of several sizes whole, also while others are under way', async () => {
    const side = 120;
    const session = await start(isolation, {}, { open: { ...open, size: { height: side, width: side } } });
    const runs = [3, 1, 4, 1, 5, 2].map((batch, run) => {
      const data = new Float32Array(batch * 3 * side * side);
      for (let image = 0; image < batch; image++) data[image * 3 * side * side] = 10 * run + image;
      return numbers(session.run({ data, dims: [batch, 3, side, side] }));
    });
    expect(await Promise.all(runs)).toEqual(
      [3, 1, 4, 1, 5, 2].map((batch, run) =>
        Array.from({ length: batch }, (_, image) => 2 * (10 * run + image)),
      ),
    );
  });

  it('passes typed errors on with code, details and causes', async () => {
    const session = await start(isolation);
    const error = await session.run(pixels(-4)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WebsslError);
    expect(error).toMatchObject({ code: 'TEST_TYPED', message: 'typed', details: { figure: 7 } });
    expect((error as WebsslError).cause).toMatchObject({ message: 'why' });
  });

  it('makes a typed error of any other, and goes on', async () => {
    const session = await start(isolation);
    await expect(session.run(pixels(-1))).rejects.toMatchObject({
      code: 'BACKEND_RUN_FAILED',
      message: 'The run failed on the device: the device says no',
      cause: { message: 'the device says no', cause: { message: 'it is tired' } },
    });
    expect(await numbers(session.run(pixels(4)))).toEqual([8]);
  });

  it('is lost for good when the device says so', async () => {
    const session = await start(isolation);
    const [lost, behind] = await Promise.allSettled([session.run(pixels(-7)), session.run(pixels(1))]);
    for (const { reason } of [lost, behind] as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({
        code: 'BACKEND_LOST',
        message: 'the device is gone',
        details: { figure: 8 },
      });
    }
    expect(await session.closed).toMatchObject({ kind: 'lost', error: { message: 'the device is gone' } });
    await expect(session.run(pixels(1))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
    await session.close();
  });

  it('never starts a run that was aborted while it waited', async () => {
    const journal = join(folder, `waiting-${isolation}`);
    const session = await start(isolation, { journal, imageMilliseconds: 30 });
    const controller = new AbortController();
    const first = session.run(pixels(1, 2, 3));
    const waiting = [4, 5, 6].map((value) => session.run(pixels(value), controller));
    const last = session.run(pixels(7));
    controller.abort();
    for (const run of waiting) await expect(run).rejects.toMatchObject({ code: 'BACKEND_ABORTED' });
    expect(await numbers(first)).toEqual([2, 4, 6]);
    expect(await numbers(last)).toEqual([14]);
    const executed = await readFile(journal, 'utf8');
    expect(executed.match(/\d/g)).toEqual(['1', '2', '3', '7']);
  });

  it('refuses a waiting run whose input was taken away, and goes on', async () => {
    const session = await start(isolation, { imageMilliseconds: 30 });
    const before = Array.from({ length: session.maxInFlight }, () => session.run(pixels(1)));
    const taken = pixels(2);
    const waiting = session.run(taken);
    const after = session.run(pixels(3));
    structuredClone(taken.data, { transfer: [taken.data.buffer] });
    await expect(waiting).rejects.toMatchObject({ code: 'BACKEND_INPUT_INVALID' });
    await Promise.all(before);
    expect(await numbers(after)).toEqual([6]);
  });

  it('stops an aborted run between two images', async () => {
    const journal = join(folder, `between-${isolation}`);
    const session = await start(isolation, { journal, imageMilliseconds: 100 });
    const controller = new AbortController();
    const run = session.run(pixels(1, 2, 3, 4, 5, 6, 7, 8), controller);
    await delay(150);
    controller.abort('enough');
    await expect(run).rejects.toMatchObject({ code: 'BACKEND_ABORTED', cause: 'enough' });
    expect(await numbers(session.run(pixels(9)))).toEqual([18]);
    const executed = (await readFile(journal, 'utf8')).match(/\d/g) ?? [];
    expect(executed.length).toBeLessThan(8);
    expect(executed.at(-1)).toBe('9');
  });

  it('is lost when a native call overruns its deadline', async () => {
    const session = await start(
      isolation,
      {},
      { deadlineMilliseconds: 400, openDeadlineMilliseconds: 20_000 },
    );
    const runs = [session.run(pixels(-3)), session.run(pixels(1))];
    for (const run of runs) {
      await expect(run).rejects.toMatchObject({
        code: 'BACKEND_LOST',
        message: expect.stringContaining('no sign of life for 400 ms'),
      });
    }
    expect(await session.closed).toMatchObject({ kind: 'lost', error: { code: 'BACKEND_LOST' } });
    await session.close();
    await expect(session.run(pixels(1))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  }, 20_000);

  it('is not lost because its caller is busy, or because a batch takes long', async () => {
    const session = await start(
      isolation,
      { imageMilliseconds: 150 },
      { deadlineMilliseconds: 600, openDeadlineMilliseconds: 20_000 },
    );
    const run = session.run(pixels(1, 2, 3, 4, 5, 6));
    await delay(50);
    for (const end = Date.now() + 2000; Date.now() < end; );
    expect(await numbers(run)).toEqual([2, 4, 6, 8, 10, 12]);
  });

  it('keeps what the child prints to itself', async () => {
    const script = `
      import { openHostedSession } from '@webssl/backend/host';
      const session = await openHostedSession({
        backend: 'arithmetic', entry: new URL(${JSON.stringify(entry.href)}), isolation: '${isolation}', setup: () => ({}),
        open: { size: { height: 1, width: 1 }, outputs: ['last_hidden_state'] }, deadlineMilliseconds: 10000,
      });
      await session.run({ data: Float32Array.of(-5, 0, 0), dims: [1, 3, 1, 1] });
      console.log('mine');`;
    expect(await runScript(script)).toEqual({ code: 0, stdout: 'mine\n', stderr: '' });
  });

  it('is not disturbed by the options, loaders and heap limits of its caller', async () => {
    const script = `
      import { openHostedSession } from '@webssl/backend/host';
      const session = await openHostedSession({
        backend: 'arithmetic', entry: new URL(${JSON.stringify(entry.href)}), isolation: '${isolation}', setup: () => ({}),
        open: { size: { height: 1, width: 1 }, outputs: ['last_hidden_state'] }, deadlineMilliseconds: 10000,
      });
      console.log(JSON.stringify(session.device.details.arguments + session.device.details.options));`;
    const { code, stdout } = await runScript(script, ['--trace-warnings', '--inspect=127.0.0.1:0'], {
      NODE_OPTIONS: '--max-old-space-size=512 --no-deprecation',
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '""\n' });
  });

  it('tells of an error while opening, typed', async () => {
    await expect(start(isolation, { openError: 'plain' })).rejects.toMatchObject({
      code: 'BACKEND_OPEN_FAILED',
      message: "The backend 'arithmetic' could not be opened: cannot open",
    });
  });

  it('rejects with the error of the setup, and starts nothing before the child needs it', async () => {
    const setup = () => Promise.reject(new WebsslError({ code: 'GRAPH_TEST', message: 'no graph' }));
    await expect(start(isolation, {}, { setup })).rejects.toMatchObject({ code: 'GRAPH_TEST' });
  });

  it('can be aborted while a native call opens it', async () => {
    const controller = new AbortController();
    const opening = start(
      isolation,
      { openMilliseconds: 1000 },
      { open: { ...open, signal: controller.signal } },
    );
    setTimeout(() => controller.abort(), 200);
    await expect(opening).rejects.toMatchObject({ code: 'BACKEND_ABORTED' });
  });

  it('frees the device when it closes, after the run in execution', async () => {
    const journal = join(folder, `close-${isolation}`);
    const session = await start(isolation, { journal, imageMilliseconds: 50 });
    const run = session.run(pixels(1, 2, 3, 4, 5, 6, 7, 8));
    const refused = expect(run).rejects.toMatchObject({ code: 'BACKEND_CLOSED' });
    await delay(75);
    await session.close();
    await refused;
    const lines = (await readFile(journal, 'utf8')).trim().split('\n');
    expect(lines.at(-1)).toBe('close');
    expect(lines.length).toBeLessThan(9);
  });
});

describe('a session in a process', () => {
  it('tells how its child crashed, with its last words', async () => {
    const session = await start('process');
    await expect(session.run(pixels(-2))).rejects.toMatchObject({
      code: 'BACKEND_LOST',
      message: expect.stringMatching(/exit code 3[\s\S]*about to crash/),
    });
  });

  it('tells of a child that was killed while idle', async () => {
    const session = await start('process');
    process.kill(Number(session.device.details['processId']), 'SIGKILL');
    expect(await session.closed).toMatchObject({
      kind: 'lost',
      error: { message: expect.stringContaining('signal SIGKILL') },
    });
  });

  it('is lost when the child says what is not part of the protocol', async () => {
    const session = await start('process');
    await expect(session.run(pixels(-6))).rejects.toMatchObject({
      code: 'BACKEND_LOST',
      message: expect.stringContaining('not part of the protocol'),
    });
  });

  it('is lost when the child ends while opening', async () => {
    await expect(start('process', { openError: 'exit' })).rejects.toMatchObject({
      code: 'BACKEND_LOST',
      message: expect.stringContaining('exit code 9'),
    });
  });

  it('is lost when the entry file does not exist', async () => {
    const missing = new URL('./test-entries/missing.mjs', import.meta.url);
    await expect(start('process', {}, { entry: missing })).rejects.toMatchObject({
      code: 'BACKEND_LOST',
      message: expect.stringContaining('missing.mjs'),
    });
  });

  it('kills a child that does not close in time', async () => {
    const session = await start('process', { imageMilliseconds: 60_000 }, { closeMilliseconds: 100 });
    const run = expect(session.run(pixels(1))).rejects.toMatchObject({ code: 'BACKEND_CLOSED' });
    await delay(50);
    await session.close();
    await run;
    expect(() => process.kill(Number(session.device.details['processId']), 0)).toThrow('ESRCH');
    expect(await session.closed).toEqual({ kind: 'closed' });
  });

  it.skipIf(process.platform === 'win32')(
    'survives the signals that a terminal sends to a whole group',
    async () => {
      const session = await start('process');
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.kill(Number(session.device.details['processId']), signal);
      }
      expect(await numbers(session.run(pixels(5)))).toEqual([10]);
    },
  );
});

describe('probing', () => {
  it('reports the devices', async () => {
    expect(await probeInChild({ backend: 'arithmetic', entry })).toEqual({
      usable: true,
      library: 'arithmetic 1',
      devices: [{ index: 0, name: 'abacus' }],
    });
  });

  it.each([
    ['crashes', { crash: true }, 'SIGABRT'],
    ['hangs', { hang: true }, 'no sign of life'],
  ])('reports a library that %s', async (_what, setup, reason) => {
    const report = await probeInChild({ backend: 'arithmetic', entry, setup, deadlineMilliseconds: 1500 });
    expect(report).toMatchObject({ usable: false, reason: expect.stringContaining(reason) });
  });
});

function runScript(
  script: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', script], {
    cwd: new URL('.', import.meta.url),
    env: { ...process.env, ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })));
}
