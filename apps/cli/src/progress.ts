import { SingleBar } from 'cli-progress';

/** Something long that is under way. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** A bar on stderr where that is a terminal, else nothing. */
export function showProgress(title: string, total: number, unit: string): Progress {
  if (!process.stderr.isTTY || total <= 0) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: `${title} [{bar}] {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is handled by the command, which has to clean up first.
    gracefulExit: false,
  });
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}
