import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingSimulator, SimulatedAscend } from './testing/simulated-ascend.js';

/** What every program begins with: a session of the fixture model, and a run that keeps the device busy for a while. */
const beginning = (isolation: string, options: string) => `
  import { aclNative } from '@webssl/backend-acl-native';
  import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
  const opening = aclNative(${options}).open(fixtureModel(), {
    size: { height: 12, width: 12 }, outputs: ['last_hidden_state'], isolation: '${isolation}',
  });
  const pixels = fixturePixels(Array(2000).fill(1));`;

describe.skipIf(missingSimulator)(
  `a program on the simulator${missingSimulator ? ` (${missingSimulator})` : ''}`,
  () => {
    let ascend: SimulatedAscend;
    beforeAll(() => {
      ascend = new SimulatedAscend({ imageMilliseconds: 1 });
    });
    afterAll(() => ascend?.dispose());

    describe.each(['process', 'thread'])(
      'that forgets to close its session in a %s exits with 0',
      (isolation) => {
        it.each([
          ['when nothing runs', 'const session = await opening; await session.run(fixturePixels([1]));'],
          ['when it does not wait for its run', 'void (await opening).run(pixels).catch(() => {});'],
          [
            'when it exits within a run',
            'const session = await opening; session.run(pixels).catch(() => {}); setTimeout(() => process.exit(0), 20);',
          ],
          [
            'when it has aborted its run',
            `const session = await opening;
             session.run(pixels, { signal: AbortSignal.timeout(20) }).catch(() => {});`,
          ],
          ['when it exits while opening', 'opening.catch(() => {}); setTimeout(() => process.exit(0), 300);'],
        ])('%s', async (_when, end) => {
          const { library, compiler } = ascend.simulator;
          const options = JSON.stringify({ library, compiler, cacheFolder: `${ascend.folder}/cache` });
          expect(await runProgram(`${beginning(isolation, options)}\n${end}`)).toEqual({
            code: 0,
            stdout: '',
            stderr: '',
          });
        });
      },
    );

    it('loads no native code by importing the package', async () => {
      const { stdout } = await runProgram(`
        import '@webssl/backend-acl-native';
        const loaded = process.report.getReport().sharedObjects;
        console.log(loaded.filter((path) => /koffi|ascendcl/.test(path)).length);`);
      expect(stdout).toBe('0\n');
    });
  },
);

function runProgram(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const program = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    program[name].on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  return new Promise((resolve) => program.on('close', (code) => resolve({ code, ...output })));
}
