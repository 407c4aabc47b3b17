import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const executablePath = findChromium();

/** Whether there is no browser to test in. */
export const isBrowserMissing = executablePath === undefined;

/** For the names of tests that need a browser: why they are skipped, in brackets; empty where they are not. */
export const browserObstacle = isBrowserMissing
  ? ' (skipped: no Chromium on the path or in WEBSSL_CHROMIUM)'
  : '';

/** Starts the Chromium of `WEBSSL_CHROMIUM`, or the first one on the path. */
export function launchBrowser(): Promise<Browser> {
  // Chromium's sandbox refuses the superuser, whom containers run tests as.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ ...(executablePath !== undefined && { executablePath }), args });
}

function findChromium(): string | undefined {
  const named = process.env['WEBSSL_CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
