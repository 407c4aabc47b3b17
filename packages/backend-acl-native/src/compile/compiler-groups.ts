/** Process groups of compilers that run. A compiler starts others, and all of them must end with this process. */
const groups = new Set<number>();

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ends a process group when this process exits, or dies by a signal that nobody else handles.
 * @param leader process id of the one that began the group
 * @returns forgets it
 */
export function guardGroup(leader: number): () => void {
  if (groups.size === 0) {
    process.on('exit', killAll);
    // First: a listener for one time is no longer counted once it has been called.
    for (const signal of signals) process.prependListener(signal, dieOf);
  }
  groups.add(leader);
  return () => {
    groups.delete(leader);
    if (groups.size === 0) unguard();
  };
}

/** Sends a signal to every process of a group; one that has ended already is no mistake. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** A listener changes what a signal does: where it is the only one, the process has to die as it would have without it. */
function dieOf(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  unguard();
  process.kill(process.pid, signal);
}

function killAll(): void {
  for (const leader of groups) signalGroup(leader, 'SIGKILL');
}

function unguard(): void {
  process.off('exit', killAll);
  for (const signal of signals) process.off(signal, dieOf);
}
