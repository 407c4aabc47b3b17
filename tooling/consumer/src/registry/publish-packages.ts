import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { npmSettings } from './npm-settings.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const pnpm = join(root, 'tooling', 'repository', 'pnpm.mjs');

/** Publishes every public package of the repository as `changeset publish` does: with pnpm, from its folder. */
export async function publishPackages(registry: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'publish-'));
  try {
    await writeFile(join(home, '.npmrc'), npmSettings(registry));
    await promisify(execFile)(
      process.execPath,
      [pnpm, '--recursive', 'publish', '--registry', registry, '--no-git-checks', '--access', 'public'],
      {
        cwd: root,
        env: { ...process.env, HOME: home, USERPROFILE: home },
        maxBuffer: 64 * 1024 * 1024,
      },
    );
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
