import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder for one test; it is removed when the test has finished. */
export function temporaryFolder(below: string = tmpdir()): string {
  const folder = mkdtempSync(join(realpathSync(below), 'webssl-compile-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
