import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';

/** Clocks and uptimes are read a moment apart and drift: an estimate that is a little off must not look like another boot. */
const estimateStepMilliseconds = 10_000;

/**
 * Tells this run of the operating system from every other. What a killed process handed to the kernel is safe as long as
 * the identity stays the same. Linux names its boots; elsewhere it is the time of the boot, to ten seconds. An estimate
 * that comes out differently although nothing was rebooted only makes a resumed download start from its last sync.
 */
export async function bootIdentity(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return `started-${Math.round((Date.now() - uptime() * 1000) / estimateStepMilliseconds)}`;
  }
}
