/** Installs and builds everything; prints little, to stderr. Does nothing twice: an installed, built tree takes a second. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { pnpm } from './pnpm.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const toStderr = /** @type {const} */ (['ignore', 2, 2]);

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `webssl needs Node 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org.`,
  );
  process.exit(1);
}

/** pnpm keeps a copy of the lockfile that it installed from. */
function isInstalled() {
  try {
    const installed = readFileSync(join(root, 'node_modules', '.pnpm', 'lock.yaml'), 'utf8');
    return installed === readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  } catch {
    return false;
  }
}

/**
 * @param {string} title
 * @param {readonly string[]} parameters
 */
function step(title, parameters) {
  console.error(`${title} ...`);
  const started = performance.now();
  const status = pnpm(parameters, [...toStderr]);
  if (status !== 0) {
    console.error(`${title} failed: pnpm ${parameters.join(' ')} ended with ${status}.`);
    process.exit(status);
  }
  console.error(`${title}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

requireNode();
if (!isInstalled()) step('Installing packages', ['install', '--frozen-lockfile', '--reporter=append-only']);
step('Building, a minute or two the first time', [
  'exec',
  'turbo',
  'run',
  'build',
  '--output-logs=errors-only',
  '--no-update-notifier',
]);
