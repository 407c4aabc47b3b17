/**
 * Whether every public package that a branch changes is named in one of its changesets (docs/releasing.md). Compares with `origin/main`,
 * or with what is named: `node check-changesets.mjs <commit>`. Where there is neither, there is nothing to compare with, and it says so.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

const [base = 'origin/main'] = process.argv.slice(2);
const known = spawnSync('git', ['merge-base', base, 'HEAD'], { encoding: 'utf8' });

if (known.status !== 0) {
  console.log(`Nothing to compare with: this checkout does not know ${base}.`);
} else {
  const require = createRequire(import.meta.url);
  const command = join(dirname(require.resolve('@changesets/cli/package.json')), 'bin.js');
  const { status } = spawnSync(process.execPath, [command, 'status', `--since=${base}`], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
