import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExampleFolder, type ExampleFolder } from './example-folder.js';
import { codeBlocks, markdownFiles, repository } from './markdown.js';

const command = join(repository, 'apps', 'cli', 'bin', 'webssl.mjs');
const missing = spawnSync('curl', ['--version']).status === 0 ? undefined : 'curl is not on the path';

/** Files that start a server, with the requests that they send to it. */
const files = markdownFiles().flatMap((file) => {
  const lines = codeBlocks(file)
    .filter(({ language, isRun }) => language === 'sh' && isRun)
    .flatMap(({ text }) => text.split('\n'))
    .map((line) => line.replace(/^node apps\/cli\/bin\/webssl\.mjs/, 'webssl'));
  const serve = lines.find((line) => /^webssl serve /.test(line));
  const requests = lines.filter((line) => /^curl /.test(line));
  return serve === undefined ? [] : [{ file, serve, requests }];
});

it('some file shows how to serve', () => {
  expect(files.flatMap(({ requests }) => requests).length).toBeGreaterThan(0);
});

describe.skipIf(missing).each(files)(
  `requests of $file${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  ({ serve, requests }) => {
    let example: ExampleFolder;
    let server: ChildProcess;

    beforeAll(async () => {
      example = await createExampleFolder();
      const parameters = serve.split(' ').slice(1);
      server = spawn(process.execPath, [command, ...parameters], {
        cwd: example.folder,
        env: example.environment,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let notes = '';
      server.stderr?.setEncoding('utf8');
      for await (const text of server.stderr ?? []) {
        notes += text;
        if (notes.includes('Ready:')) return;
      }
      throw new Error(`${serve} ended: ${notes}`);
    });
    afterAll(async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
      await example.remove();
    });

    it.each(requests)('%s', (request) => {
      const { status, stderr } = spawnSync(
        'bash',
        ['-c', `curl() { command curl --silent --show-error --fail "$@"; }; ${request}`],
        {
          cwd: example.folder,
          encoding: 'utf8',
        },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  },
);
