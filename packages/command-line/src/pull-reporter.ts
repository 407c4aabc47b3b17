import type { PullEvent } from '@webssl/registry';
import { formatBytes, formatDuration } from './format.js';
import type { StatusLine, Terminal } from './terminal.js';

/** Shows on a terminal how a model is fetched: what and under which licence, how far it is, and what went wrong. */
export class PullReporter {
  readonly #terminal: Terminal;
  #status: StatusLine | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  readonly report = (event: PullEvent): void => {
    switch (event.kind) {
      case 'plan': {
        const missing = event.totalBytes - event.presentBytes;
        const present = event.presentBytes === 0 ? '' : ` (${formatBytes(event.presentBytes)} are here)`;
        this.#terminal.note(
          `Fetching ${event.id} at ${event.commit.slice(0, 12)} from ${event.endpoint}: ${formatBytes(missing)}${present}`,
        );
        this.#terminal.note(`Licence: ${describeLicense(event.license, event.endpoint, event.id)}`);
        break;
      }
      case 'progress': {
        const { presentBytes, totalBytes, bytesPerSecond, secondsLeft } = event;
        this.#status ??= this.#terminal.showStatus();
        this.#status.update(() => {
          const share = totalBytes === 0 ? '' : ` ${Math.floor((100 * presentBytes) / totalBytes)} %`;
          const left = secondsLeft === undefined ? '' : `, ${formatDuration(secondsLeft)} left`;
          return `Fetching${share} ${formatBytes(presentBytes)} of ${formatBytes(totalBytes)}, ${formatBytes(bytesPerSecond)}/s${left}`;
        });
        break;
      }
      case 'retry': {
        const what = event.path === undefined ? '' : `${event.path}: `;
        this.#terminal.note(
          `${what}${event.reason}; try ${event.failures + 1} of ${event.attempts} in ${formatDuration(event.waitMilliseconds / 1000)}`,
        );
        break;
      }
      case 'waiting':
        this.#terminal.note(`${event.path}: another process is fetching it; waiting`);
        break;
      case 'rejected':
        this.#terminal.note(
          `${event.path}: what came is damaged (expected ${event.expected}, got ${event.actual}); it is kept as ${event.rejectedFile}`,
        );
        break;
      case 'verified':
        break;
    }
  };

  stop(): void {
    this.#status?.stop();
  }
}

function describeLicense(license: string | undefined, endpoint: string, id: string): string {
  if (license === undefined) return `not named by the hub; see ${endpoint}/${id}`;
  return /^cc-by-nc/i.test(license) ? `${license} (no commercial use)` : license;
}
