import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

/** What every program begins with: a session of the fixture model, and a run that keeps the device busy for a while. */
const beginning = (isolation: string) => `
  import { cpu } from '@webssl/backend-cpu';
  import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
  const opening = cpu({ isolation: '${isolation}' }).open(fixtureModel(), {
    size: { height: 12, width: 12 }, outputs: ['last_hidden_state'],
  });
  const pixels = fixturePixels(Array(2000).fill(1));`;

describe.each(['process', 'thread'])(
  'a program that forgets to close its session in a %s exits with 0',
  (isolation) => {
    it.each([
      ['when nothing runs', 'const session = await opening; await session.run(fixturePixels([1]));'],
      ['when it does not wait for its run', 'void (await opening).run(pixels);'],
      [
        'when it exits within a run',
        'const session = await opening; session.run(pixels).catch(() => {}); setTimeout(() => process.exit(0), 20);',
      ],
      [
        'when it has aborted its run',
        `const session = await opening;
       session.run(pixels, { signal: AbortSignal.timeout(20) }).catch(() => {});`,
      ],
      ['when it exits while opening', 'opening.catch(() => {}); setTimeout(() => process.exit(0), 45);'],
    ])('%s', async (_when, end) => {
      expect(await runProgram(`${beginning(isolation)}\n${end}`)).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      });
    });
  },
);

it('a program that exits while a graph runner is at work exits with the code that it asked for', async () => {
  const program = `
    import { createGraphRunner } from '@webssl/backend-cpu';
    import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
    const model = await fixtureModel().onnx({
      size: { height: 12, width: 12 }, batch: 1, outputs: ['last_hidden_state'],
    });
    const runner = createGraphRunner({ threads: 1 });
    await runner.run(model, [fixturePixels([0])]);
    void runner.run(model, Array(5000).fill(fixturePixels([0])));
    setTimeout(() => process.exit(3), 50);`;
  expect(await runProgram(program)).toEqual({ code: 3, stdout: '', stderr: '' });
});

it('its child ends when the program is killed', async () => {
  const program = start(`${beginning('process')}
    const session = await opening;
    console.log(session.device.details.processId);
    await session.run(pixels);
    setInterval(() => {}, 1000);`);
  const [line] = await new Promise<string[]>((resolve) =>
    program.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().split('\n'))),
  );
  const child = Number(line);
  expect(isAlive(child)).toBe(true);
  program.kill('SIGKILL');
  for (let attempt = 0; attempt < 500 && isAlive(child); attempt += 1) await delay(20);
  expect(isAlive(child)).toBe(false);
});

it('importing the package loads no native code', async () => {
  const { stdout } = await runProgram(`
    import '@webssl/backend-cpu';
    console.log(process.report.getReport().sharedObjects.filter((path) => path.includes('onnxruntime')).length);`);
  expect(stdout).toBe('0\n');
});

function start(script: string) {
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function runProgram(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const program = start(script);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    program[name].on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  return new Promise((resolve) => program.on('close', (code) => resolve({ code, ...output })));
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
