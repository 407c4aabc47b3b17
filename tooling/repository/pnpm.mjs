/**
 * Runs the exact pnpm of package.json's `packageManager`, also where no pnpm is installed: the one on the path when its
 * version is right, else npm fetches it. `node pnpm.mjs <arguments>` behaves as `pnpm <arguments>`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const windows = process.platform === 'win32';

/** @returns {string} such as `pnpm@10.34.9` */
function packageManager() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
}

/** npm hands its own settings to scripts as variables, which another package manager would take for its own. */
function environment() {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return {
    ...Object.fromEntries(inherited),
    ONNXRUNTIME_NODE_INSTALL: 'skip',
    TURBO_TELEMETRY_DISABLED: '1',
  };
}

/**
 * @param {readonly string[]} parameters
 * @param {import('node:child_process').StdioOptions} stdio
 * @returns {number} exit status
 */
export function pnpm(parameters, stdio = 'inherit') {
  const specification = packageManager();
  const version = specification.slice(specification.lastIndexOf('@') + 1);
  const installed = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', shell: windows });
  const [command, prefix] =
    installed.status === 0 && installed.stdout.trim() === version
      ? ['pnpm', []]
      : ['npx', ['--yes', '--loglevel=error', specification]];
  // From the folder that the user is in: scripts find it in INIT_CWD, and take paths relative to it.
  const result = spawnSync(command, [...prefix, '--dir', root, ...parameters], {
    stdio,
    env: environment(),
    shell: windows,
  });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = pnpm(process.argv.slice(2));
