import type { HubOptions } from '../hub/hub-settings.js';
import type { LocateOptions } from '../locate-model.js';
import type { RetryPolicy } from '../transfer/retry.js';
import type { PullEvent } from './pull-event.js';

/** Where a model is fetched from, how, and where it is kept. */
export interface PullOptions extends LocateOptions, HubOptions {
  /** Parts of a large file that are fetched at once, where the server allows it. Default 4. */
  readonly connections?: number;
  /** How persistent the download is on a bad network. */
  readonly retry?: RetryPolicy;
  /** Rejects with the signal's reason. What came is kept, and the next try goes on from there. */
  readonly signal?: AbortSignal;
  /** Called for everything that happens: what will be fetched and under which licence, how far it is, every retry. */
  readonly onPull?: (event: PullEvent) => void;
  /** File of the worker that hashes (`@webssl/registry/hash-worker`), where a bundler has moved it. */
  readonly hashWorkerEntry?: string | URL;
}
