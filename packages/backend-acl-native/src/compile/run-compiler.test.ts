import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type CompilerRun, runCompiler } from './run-compiler.js';
import { builtModule } from './testing/built-module.js';
import { compilerDouble } from './testing/compiler-double.js';
import { refusal } from './testing/refusal.js';
import { temporaryFolder } from './testing/temporary-folder.js';

/** A compiler that starts another one, as the real one does; both ignore a request to end where they are stubborn. */
const endless = (stubborn: boolean) => `
const patience = ${stubborn} ? "process.on('SIGTERM', () => {});" : '';
eval(patience);
const inner = spawn(process.execPath, ['-e', patience + 'setInterval(() => {}, 1000); console.log(process.pid)'], { stdio: 'pipe' });
inner.stdout.once('data', (text) => fs.writeFileSync('inner', String(text).trim()));
setInterval(() => {}, 1000);`;

function run(body: string, more: { onLine?: (line: string) => void; signal?: AbortSignal } = {}) {
  const folder = temporaryFolder();
  const { path } = compilerDouble(folder, body);
  const log = join(folder, 'atc.log');
  const given = ['--output=model', '--word=a b'];
  const result: Promise<CompilerRun> = runCompiler({ program: path, arguments: given, folder, log, ...more });
  return { folder, log, result };
}

describe('a run of the compiler', () => {
  it('hands on every line of both streams, and keeps them in the log', async () => {
    const lines: string[] = [];
    const body = 'console.error("a warning"); process.stdout.write("last line without an end");';
    const { log, result } = run(body, { onLine: (line) => lines.push(line) });
    expect(await result).toMatchObject({ status: 0, signal: null, saysSuccess: false });
    const expected = [
      'ATC start working now, please wait for a moment.',
      'a warning',
      'last line without an end',
    ];
    expect(lines.toSorted()).toEqual(expected.toSorted());
    expect(readFileSync(log, 'utf8').split('\n').toSorted()).toEqual(['', ...expected].toSorted());
  });

  it('takes place in the folder, with the environment and whole arguments', async () => {
    vi.stubEnv('ASCEND_OPP_PATH', '/opp');
    const { folder, result } = run(
      'console.log([process.cwd(), process.env.ASCEND_OPP_PATH, ...given].join("|"));',
    );
    vi.unstubAllEnvs();
    expect((await result).lines.at(-1)).toBe(`${folder}|/opp|--output=model|--word=a b`);
  });

  it('tells success, status and signal', async () => {
    expect(await run('console.log("ATC run success, welcome to the next use.")').result).toMatchObject({
      status: 0,
      saysSuccess: true,
    });
    expect(await run('process.exitCode = 3').result).toMatchObject({ status: 3, saysSuccess: false });
    expect(await run('process.kill(process.pid, "SIGKILL")').result).toMatchObject({
      status: null,
      signal: 'SIGKILL',
    });
  });

  it('keeps the last lines of many', async () => {
    const { lines } = await run('for (let i = 0; i < 5000; i++) console.log("line " + i);').result;
    expect(lines.at(-1)).toBe('line 4999');
    expect(lines.length).toBeLessThan(1000);
  });

  it('does not wait for what the compiler left behind', async () => {
    const body = `spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref();
      setTimeout(() => process.exit(0), 200);`;
    expect(await run(body).result).toMatchObject({ status: 0 });
  });

  it.each([false, true])('ends with everything it started on abort (stubborn: %s)', async (stubborn) => {
    const abort = new AbortController();
    const { folder, result } = run(endless(stubborn), { signal: abort.signal });
    const ended = expect(result).rejects.toThrow('enough');
    await vi.waitUntil(() => existsSync(join(folder, 'inner')), { timeout: 10_000 });
    abort.abort(new Error('enough'));
    await ended;
    await vi.waitUntil(() => !isAlive(Number(readFileSync(join(folder, 'inner'), 'utf8'))), {
      timeout: 10_000,
    });
  });

  it('ends when the caller fails over a line', async () => {
    const onLine = () => {
      throw new Error('no terminal');
    };
    const { folder, result } = run(
      'fs.writeFileSync("inner", String(process.pid)); setInterval(() => {}, 1000);',
      {
        onLine,
      },
    );
    await expect(result).rejects.toThrow('no terminal');
    const inner = join(folder, 'inner');
    await vi.waitUntil(() => !existsSync(inner) || !isAlive(Number(readFileSync(inner, 'utf8'))), {
      timeout: 10_000,
    });
  });

  it('does not begin after an abort', async () => {
    const { folder, result } = run('fs.writeFileSync("ran", "")', {
      signal: AbortSignal.abort(new Error('early')),
    });
    await expect(result).rejects.toThrow('early');
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  it('refuses a program that cannot be started', async () => {
    const folder = temporaryFolder();
    const program = join(folder, 'atc');
    writeFileSync(program, 'no program');
    chmodSync(program, 0o755);
    const error = await refusal(
      runCompiler({ program: `${program}-missing`, arguments: [], folder, log: join(folder, 'log') }),
    );
    expect(error.code).toBe('BACKEND_COMPILER_MISSING');
    expect(error.message).toContain('cannot be started');
  });

  it.each([
    ['SIGINT', 'default'],
    ['SIGTERM', 'default'],
    ['SIGINT', 'exit'],
  ] as const)('ends when this process is ended by %s (%s)', async (signal, reaction) => {
    const folder = temporaryFolder();
    const { path } = compilerDouble(folder, endless(true));
    const script = await builtCaller(folder);
    const child = spawn(process.execPath, [script, path, folder, reaction], { stdio: 'inherit' });
    const ended = new Promise((resolve) => child.once('exit', (code, by) => resolve(by ?? code)));
    await vi.waitUntil(() => existsSync(join(folder, 'inner')), { timeout: 10_000 });
    child.kill(signal);
    expect(await ended).toBe(reaction === 'exit' ? 5 : signal);
    await vi.waitUntil(() => !isAlive(Number(readFileSync(join(folder, 'inner'), 'utf8'))), {
      timeout: 10_000,
    });
  });
});

/** A program that runs a compiler. */
async function builtCaller(folder: string): Promise<string> {
  const script = join(folder, 'caller.mjs');
  writeFileSync(
    script,
    `import { runCompiler } from ${JSON.stringify(await builtModule('run-compiler'))};
const [, , program, folder, reaction] = process.argv;
if (reaction === 'exit') process.once('SIGINT', () => setTimeout(() => process.exit(5), 100));
await runCompiler({ program, arguments: [], folder, log: folder + '/log' });`,
  );
  return script;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    // A process that has ended, and that nobody has asked for its status yet, is no longer alive either.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}
