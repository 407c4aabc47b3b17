import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasEnded, hostIdentity, identityOf } from './process-identity.js';

const ownHost = createHash('sha256').update(hostIdentity()).digest('hex').slice(0, 16);
const own = identityOf(process.pid);
/** For those of another machine or container, of whom nobody here knows whether they live. */
const abandonedAfterMilliseconds = 24 * 60 * 60 * 1000;

/** A new name beside a folder for what is to become that folder, or was it: it says which process made it. */
export function partFolder(target: string): string {
  return `${target}.${ownHost}-${own.processId}-${own.started}-${randomUUID()}.part`;
}

/** Removes the parts of a folder that processes left which have ended. Others may be at work in theirs. */
export async function removeAbandonedParts(target: string): Promise<void> {
  const prefix = `${basename(target)}.`;
  const siblings = await readdir(dirname(target));
  const parts = siblings.filter((name) => name.startsWith(prefix) && name.endsWith('.part'));
  for (const name of parts) {
    const part = join(dirname(target), name);
    // A compiler that was just killed may still finish a write.
    if (await isAbandoned(part, name.slice(prefix.length))) {
      await rm(part, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

async function isAbandoned(part: string, label: string): Promise<boolean> {
  const [, host, processId, started = ''] = /^([0-9a-f]{16})-(\d+)-(\d*)-/.exec(label) ?? [];
  if (host === ownHost) return hasEnded({ processId: Number(processId), started });
  const found = await stat(part).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMilliseconds;
}
