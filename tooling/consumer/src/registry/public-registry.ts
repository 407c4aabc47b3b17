import { execFileSync, spawnSync } from 'node:child_process';

/** The registry that npm is set to, from which the packages of others come. */
export const publicRegistry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();

/** Why nothing can be installed here, in brackets, for the name of a test; empty when it can. */
export const publicRegistryProblem =
  spawnSync('npm', ['ping', '--fetch-retries=1', '--fetch-timeout=20000'], { stdio: 'ignore' }).status === 0
    ? ''
    : ' (skipped: the npm registry cannot be reached)';
