import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExampleFolder, type ExampleFolder, missingNpu } from './example-folder.js';
import { codeBlocks, markdownFiles, repository } from './markdown.js';

const command = join(repository, 'apps', 'cli', 'bin', 'webssl.mjs');
let example: ExampleFolder;

beforeAll(async () => {
  example = await createExampleFolder();
});
afterAll(() => example.remove());

function run(program: string, parameters: readonly string[]) {
  return spawnSync(program, parameters, {
    cwd: example.folder,
    env: example.environment,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

const blocks = markdownFiles().flatMap((file) => codeBlocks(file).map((block) => ({ file, ...block })));
const programs = blocks.filter(({ language, isRun }) => language === 'ts' && isRun);
/** What serves until it is interrupted is run by served-examples.test.ts. */
const commands = blocks
  .filter(({ language, isRun }) => language === 'sh' && isRun)
  .flatMap(({ file, line, text }) =>
    text
      .split('\n')
      .map((shellLine) => shellLine.replace(/^node apps\/cli\/bin\/webssl\.mjs/, 'webssl'))
      .flatMap((shellLine) =>
        /^(webssl (?!serve )|cat )/.test(shellLine) ? [{ file, line, shellLine }] : [],
      ),
  );

describe('programs in the READMEs', () => {
  it.each(programs)('$file:$line runs', ({ file, line, text }) => {
    const name = `${file.replaceAll(/[^a-z]/gi, '-')}-${line}.mjs`;
    writeFileSync(join(example.folder, name), transformSync(text, { loader: 'ts', format: 'esm' }).code);
    const { status, stderr } = run(process.execPath, [name]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

/** What asks for an NPU or its compiler: a simulated one, where that can be built. */
const wantsNpu = /\bnpu\b|\bacl-native\b|\bexport om\b/;
const npuCommands = commands.filter(({ shellLine }) => wantsNpu.test(shellLine));
const otherCommands = commands.filter(({ shellLine }) => !wantsNpu.test(shellLine));

describe.each([
  ['commands in the READMEs', otherCommands, undefined],
  ['commands in the READMEs that need an NPU', npuCommands, missingNpu],
] as const)('%s', (_what, some, missing) => {
  it.skipIf(missing).each(some)('$file:$line $shellLine', ({ shellLine }) => {
    const webssl = `webssl() { ${JSON.stringify(process.execPath)} ${JSON.stringify(command)} "$@"; }`;
    const { status, stderr } = run('bash', ['-c', `set -o pipefail; ${webssl}; ${shellLine}`]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });
});
