#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
const setup = fileURLToPath(new URL('../../../tooling/repository/setup.mjs', import.meta.url));

// In a clone of the repository nothing may be built yet; a published package always brings dist.
if (!existsSync(main) && existsSync(setup)) {
  const { status } = spawnSync(process.execPath, [setup], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

// `pnpm --filter server start` changes into this folder; paths are meant relative to where the user typed.
const { INIT_CWD, npm_lifecycle_event, npm_package_name } = process.env;
if (npm_lifecycle_event === 'start' && npm_package_name === '@webssl/server' && INIT_CWD)
  process.chdir(INIT_CWD);

const { run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
