import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runExample } from './testing/run-example.js';

const failWith = (code: string) =>
  `throw new WebsslError({ code: '${code}', message: 'It is not so. Write it so.' });`;

describe('a command that runs to its end', () => {
  it('exits with 0', async () => {
    expect(await runExample("terminal.result('done')")).toEqual({
      code: 0,
      signal: null,
      stdout: 'done\n',
      stderr: '',
    });
  });

  it('exits with the code that it finished with', async () => {
    expect(await runExample('finish(3)')).toMatchObject({ code: 3, stderr: '' });
  });

  it.skipIf(!existsSync('/dev/full'))('fails when its results could not be written', async () => {
    const full = openSync('/dev/full', 'w');
    const { code, stderr } = await runExample("terminal.result('lost'); await delay(20);", { stdout: full });
    closeSync(full);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^stdout cannot be written: .*ENOSPC/);
  });
});

describe('a command line', () => {
  it('that asks for help exits with 0', async () => {
    const { code, stdout } = await runExample('', { parameters: ['--help'] });
    expect({ code, usage: stdout.split('\n')[0] }).toEqual({ code: 0, usage: 'Usage: example [options]' });
  });

  it('that is wrong exits with 2 and is told once', async () => {
    const { code, stdout, stderr } = await runExample('', { parameters: ['--colour'] });
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: unknown option '--colour'\n",
    });
  });

  it('that another copy of commander finds wrong exits with 2', async () => {
    const error = "Object.assign(new Error('wrong'), { code: 'commander.invalidArgument', exitCode: 1 })";
    expect(await runExample(`throw ${error};`)).toMatchObject({ code: 2, stderr: '' });
  });
});

describe('an error', () => {
  it.each([
    ['GRAPH_SIZE_INVALID', 2],
    ['DEVICE_SPECIFICATION_INVALID', 2],
    ['EXAMPLE_FORMAT_UNKNOWN', 2],
    ['IMAGES_NOT_FOUND', 1],
  ])('%s exits with %i and is printed on one line', async (name, code) => {
    expect(await runExample(failWith(name))).toEqual({
      code,
      signal: null,
      stdout: '',
      stderr: `${name}: It is not so. Write it so.\n`,
    });
  });

  it('that is a mistake of the program exits with 1 and shows where it happened', async () => {
    const { code, stderr } = await runExample("throw new TypeError('no such thing')");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^TypeError: no such thing\n {4}at /);
  });
});

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signalAfterLine) => {
  it('ends the work, which clears up, and the program says so and exits with 130', async () => {
    const work =
      "terminal.result('working'); await delay(60_000, 0, { signal }).finally(() => terminal.note('cleared up'));";
    expect(await runExample(work, { signalAfterLine })).toEqual({
      code: 130,
      signal: null,
      stdout: 'working\n',
      stderr: 'cleared up\nInterrupted: nothing is left.\n',
    });
  });

  it('is no interruption to a command that ends in order', async () => {
    const work = `terminal.result('serving');
      await delay(60_000, 0, { signal }).catch(() => {});
      finish(0);`;
    expect(await runExample(work, { signalAfterLine })).toMatchObject({ code: 0, stderr: '' });
  });

  it('ends the program at once when it comes again', async () => {
    const work = `signal.addEventListener('abort', () => terminal.result('ending'));
      terminal.result('working');
      await delay(60_000);`;
    expect(await runExample(work, { signalAfterLine })).toEqual({
      code: null,
      signal: signalAfterLine,
      stdout: 'working\nending\n',
      stderr: '',
    });
  });
});
