import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';

/**
 * Installs one npm package and what it needs into a folder of its own, unless it is there. No install script runs.
 *
 * @param parent the folder to make that folder in
 * @returns the folder: its node_modules has the package
 * @throws WebsslError `BENCH_INSTALL_FAILED`
 */
export async function installPackage(name: string, version: string, parent: string): Promise<string> {
  const folder = join(parent, `${name.replaceAll(/[@/]+/g, '-').replace(/^-/, '')}-${version}`);
  if (await exists(folder)) return folder;
  await mkdir(parent, { recursive: true });
  const unfinished = await mkdtemp(join(parent, 'installing-'));
  try {
    await writeFile(
      join(unfinished, 'package.json'),
      JSON.stringify({ name: 'webssl-bench-peer', private: true, dependencies: { [name]: version } }),
    );
    npmInstall(unfinished, `${name}@${version}`);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

function npmInstall(folder: string, specification: string): void {
  const { status, error, stderr } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
      shell: process.platform === 'win32',
    },
  );
  if (status === 0) return;
  throw new WebsslError({
    code: 'BENCH_INSTALL_FAILED',
    message: `npm cannot install ${specification}: ${error?.message ?? firstLines(stderr)}`,
    cause: error,
  });
}

/** npm says what is wrong first, and explains it at length. */
function firstLines(complaint: string): string {
  const lines = complaint.replaceAll(/^npm error /gm, '').split('\n');
  return lines.slice(0, 4).join('; ');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
