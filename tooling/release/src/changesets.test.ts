import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repository } from './public-packages.js';

let folder: string;

const git = (...parameters: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...parameters], { cwd: folder });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'changesets-'));
  // The files as they are now, with a history of one commit.
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*package.json', 'pnpm-*.yaml', '.changeset'],
    { cwd: repository, encoding: 'utf8' },
  );
  for (const file of files.trim().split('\n')) cpSync(join(repository, file), join(folder, file));
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=all');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Exit status of the check on a branch with these files in one commit more. */
function check(files: Readonly<Record<string, string>>) {
  git('checkout', '--quiet', '-B', 'change', 'main');
  for (const [name, text] of Object.entries(files)) {
    cpSync(join(repository, 'LICENSE'), join(folder, name));
    writeFileSync(join(folder, name), text);
  }
  git('add', '--all');
  git('commit', '--quiet', '--message=change');
  const script = join(repository, 'tooling', 'repository', 'check-changesets.mjs');
  return spawnSync(process.execPath, [script, 'main'], { cwd: folder, encoding: 'utf8' });
}

const source = { 'packages/metrics/src/percentile.ts': 'export {};' };
const changeset = (name: string) => ({ '.changeset/new.md': `---\n'${name}': patch\n---\n\nBetter.\n` });

it('a change to a public package without a changeset is refused', () => {
  const { status, stdout, stderr } = check(source);
  expect(status).toBe(1);
  expect(stdout + stderr).toMatch(/no changesets were found/);
});

it('with a changeset it passes', () => {
  expect(check({ ...source, ...changeset('@webssl/metrics') }).status).toBe(0);
});

it.each(['packages/metrics/src/percentile.test.ts', 'packages/metrics/README.md', 'docs/a.md'])(
  'a change to %s needs none',
  (name) => expect(check({ [name]: 'other' }).status).toBe(0),
);
