import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExampleFolder, type ExampleFolder } from './example-folder.js';
import { codeBlocks, markdownFiles, repository } from './markdown.js';

const command = join(repository, 'apps', 'cli', 'bin', 'webssl.mjs');
let example: ExampleFolder;

beforeAll(async () => {
  example = await createExampleFolder();
});
afterAll(() => example.remove());

function run(parameters: readonly string[]) {
  return spawnSync(process.execPath, parameters, {
    cwd: example.folder,
    env: example.environment,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

/** The words of a shell line; the examples use no more of the shell than double quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const blocks = markdownFiles().flatMap((file) => codeBlocks(file).map((block) => ({ file, ...block })));
const programs = blocks.filter(({ language, isRun }) => language === 'ts' && isRun);
const commands = blocks
  .filter(({ language, isRun }) => language === 'sh' && isRun)
  .flatMap(({ file, line, text }) =>
    text
      .split('\n')
      .map((shellLine) => shellLine.replace(/^node apps\/cli\/bin\/webssl\.mjs/, 'webssl'))
      .flatMap((shellLine) => (shellLine.startsWith('webssl ') ? [{ file, line, shellLine }] : [])),
  );

describe('programs in the READMEs', () => {
  it.each(programs)('$file:$line runs', ({ file, line, text }) => {
    const name = `${file.replaceAll(/[^a-z]/gi, '-')}-${line}.mjs`;
    writeFileSync(join(example.folder, name), transformSync(text, { loader: 'ts', format: 'esm' }).code);
    const { status, stderr } = run([name]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('commands in the READMEs', () => {
  it.each(commands)('$file:$line $shellLine', ({ shellLine }) => {
    const withoutComment = shellLine.replace(/\s+#.*$/, '');
    const { status, stderr } = run([command, ...words(withoutComment).slice(1)]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });
});
