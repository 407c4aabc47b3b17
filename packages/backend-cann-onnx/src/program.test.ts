import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What every program begins with: a session of the fixture model, and a run that keeps the device busy for a while. */
const beginning = (isolation: string) => `
  import { cannOnnx } from '@webssl/backend-cann-onnx';
  import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
  const opening = cannOnnx({ provider: 'cpu', isolation: '${isolation}' }).open(fixtureModel(), {
    size: { height: 12, width: 12 }, outputs: ['last_hidden_state'],
  });
  const pixels = fixturePixels(Array(2000).fill(1));`;

describe.each(['process', 'thread'])('a program that uses a session in a %s', (isolation) => {
  it.each([
    ['forgets to close it', 'const session = await opening; await session.run(fixturePixels([1]));'],
    ['does not wait for its run', 'void (await opening).run(pixels);'],
    [
      'exits within a run',
      'const session = await opening; session.run(pixels).catch(() => {}); setTimeout(() => process.exit(0), 20);',
    ],
    [
      'has aborted its run',
      `const session = await opening;
       session.run(pixels, { signal: AbortSignal.timeout(20) }).catch(() => {});`,
    ],
    ['exits while opening', 'opening.catch(() => {}); setTimeout(() => process.exit(0), 45);'],
  ])('exits with 0 when it %s', async (_when, end) => {
    expect(await runProgram(`${beginning(isolation)}\n${end}`)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('has nothing in its home folder afterwards: the library reports its use to nobody', () => {
    const home = mkdtempSync(join(tmpdir(), 'webssl-home-'));
    const { XDG_CACHE_HOME: _cache, ORT_DISABLE_TELEMETRY: _telemetry, ...inherited } = process.env;
    const program = `${beginning(isolation)}
      const session = await opening; await session.run(fixturePixels([0])); await session.close();`;
    try {
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: import.meta.dirname,
        env: { ...inherited, HOME: home },
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(readdirSync(home)).toEqual([]);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

function runProgram(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const program = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
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
