import { type FSWatcher, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Events come in groups: an editor that saves makes several. */
const gatherMilliseconds = 20;

interface WatchFileOptions {
  /** Called when the file may have changed, also when it has not; never while an earlier call is under way. */
  readonly check: () => Promise<void>;
  /** How often it is called where nothing is announced, as on network file systems. */
  readonly pollMilliseconds: number;
}

/**
 * Watches the folder of a file, as editors put a new file in the place of the old one, and Kubernetes moves a symbolic link
 * that the path leads through. Holds up the end of no process.
 *
 * @returns what ends the watching
 */
export function watchFile(path: string, { check, pollMilliseconds }: WatchFileOptions): () => void {
  let isClosed = false;
  let isRunning = false;
  let isDue = false;
  let gathering: NodeJS.Timeout | undefined;

  const run = async () => {
    isDue = true;
    if (isRunning) return;
    isRunning = true;
    while (isDue && !isClosed) {
      isDue = false;
      await check();
    }
    isRunning = false;
  };
  const watcher = watchFolder(dirname(resolve(path)), () => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      void run();
    }, gatherMilliseconds).unref();
  });
  const poll = setInterval(() => void run(), pollMilliseconds).unref();

  return () => {
    isClosed = true;
    watcher?.close();
    clearInterval(poll);
    clearTimeout(gathering);
  };
}

/** Absent where the system refuses, as when it has no watchers left: polling sees every change, only later. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    return watcher.on('error', () => watcher.close());
  } catch {
    return undefined;
  }
}
