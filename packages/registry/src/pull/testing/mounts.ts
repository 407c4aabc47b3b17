import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Why nothing can be mounted here, for the name of a test that is skipped; undefined where it can. */
export const mountObstacle = findObstacle();

function findObstacle(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'webssl-mount-'));
  try {
    mount(['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
    unmount(folder);
    return undefined;
  } catch {
    return 'skipped: only root on Linux can mount';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes a folder a disk of its own for this test. */
export function mountDisk(folder: string, bytes: number): void {
  mkdirSync(folder, { recursive: true });
  mount(['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  onTestFinished(() => unmount(folder));
}

/** Makes a folder one that nobody can write to, root included, until the test ends. */
export function mountReadOnly(folder: string): void {
  mount(['--bind', folder, folder]);
  onTestFinished(() => unmount(folder));
  mount(['-o', 'remount,bind,ro', folder]);
}

function mount(parameters: readonly string[]): void {
  execFileSync('mount', parameters, { stdio: 'ignore' });
}

function unmount(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'ignore' });
}
