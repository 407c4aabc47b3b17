import { readFileSync } from 'node:fs';

/**
 * The most physical memory that a process has held at a time since it was started, with all its threads and the pages of
 * files that it maps, in bytes (`VmHWM`, proc_pid_status(5)). Undefined where the system does not tell: elsewhere than on
 * Linux, and of a process that has ended.
 */
export function peakMemory(processId: number): number | undefined {
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(statusOf(processId))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function statusOf(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/status`, 'utf8');
  } catch {
    return '';
  }
}
