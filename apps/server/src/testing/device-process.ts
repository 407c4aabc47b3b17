import { readdirSync, readFileSync } from 'node:fs';
import type { RunningServer } from '../start-server.js';

/** The process in which a server's device computes; needs isolation `process`. */
export function deviceProcessOf({ encoder }: Pick<RunningServer, 'encoder'>): number {
  const { processId } = encoder.info.devices[0]?.details ?? {};
  if (typeof processId !== 'number') throw new Error('the device has no process of its own');
  return processId;
}

/** The processes that a process has started, on Linux. */
export function childrenOf(processId: number): readonly number[] {
  const folder = `/proc/${processId}/task`;
  return readdirSync(folder).flatMap((thread) => {
    try {
      return readFileSync(`${folder}/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      // The thread has just ended.
      return [];
    }
  });
}

/** Whether a process is there and no zombie. */
export function isAlive(processId: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}
