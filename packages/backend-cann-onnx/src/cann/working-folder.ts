import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const prefix = 'running-';

/** How long the working folder of a process that cannot be looked for stays unchanged before it counts as abandoned. */
const abandonedMilliseconds = 24 * 60 * 60 * 1000;

/** Makes a working folder for this process. Its name says whose it is. */
export function makeWorkingFolder(parent: string): string {
  return mkdtempSync(join(parent, `${prefix}${processNamespace()}-${process.pid}-`));
}

/**
 * Removes the working folders of processes that were killed. Containers that share a cache do not see each other's processes, and
 * have the same process ids: whether a process lives can be asked for those of the same namespace only. Of the others a folder
 * goes after a day without change; every run of a session changes the time of its folder.
 */
export function removeAbandoned(parent: string): void {
  const own = `${prefix}${processNamespace()}-`;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(parent, name);
    const abandoned = name.startsWith(own)
      ? !isAlive(Number.parseInt(name.slice(own.length), 10))
      : isOld(folder);
    if (abandoned) tryToRemove(folder);
  }
}

/**
 * Identifies the processes that this one can see: the boot of the machine and its namespace of process ids, or where the system does
 * not tell (not on Linux), its name.
 */
function processNamespace(): string {
  return createHash('sha256').update(namespaceParts().join('\0')).digest('hex').slice(0, 16);
}

function namespaceParts(): string[] {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return [boot, readlinkSync('/proc/self/ns/pid')];
  } catch {
    return [hostname()];
  }
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // It exists where it belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isOld(folder: string): boolean {
  const status = statSync(folder, { throwIfNoEntry: false });
  return status !== undefined && Date.now() - status.mtimeMs > abandonedMilliseconds;
}

/** Another process may be at it too, or the folder may be someone else's: then it stays. */
export function tryToRemove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // See above.
  }
}
