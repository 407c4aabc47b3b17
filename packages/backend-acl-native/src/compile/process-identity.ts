import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode } from './file-errors.js';

/** A process: its number alone may belong to another one later. */
export interface ProcessIdentity {
  readonly processId: number;
  /** When it began, in clock ticks since the machine did; empty where the system does not tell. */
  readonly started: string;
}

export function identityOf(processId: number): ProcessIdentity {
  return { processId, started: processStatus(processId)?.started ?? '' };
}

/** Whether a process of this machine has ended, or its number is another's by now. */
export function hasEnded({ processId, started }: ProcessIdentity): boolean {
  const status = processStatus(processId);
  if (status === undefined) return !takesSignals(processId);
  // One that nobody has asked for its exit status yet.
  if (status.state === 'Z' || status.state === 'X') return true;
  return started !== '' && started !== status.started;
}

/** The machine and, in containers that share its name, the set of processes that this one can see. */
export function hostIdentity(): string {
  return `${hostname()} ${processNamespace()}`;
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Undefined where there is no such process, and on systems without `/proc`. */
function processStatus(processId: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'latin1');
    // proc(5): the second field is the program's name in parentheses, of any characters; state is field 3, starttime field 22.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[19]];
    return state === undefined || started === undefined ? undefined : { state, started };
  } catch {
    return undefined;
  }
}

function takesSignals(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return !hasCode(error, ['ESRCH']);
  }
}
