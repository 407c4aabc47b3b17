import type { HubFile } from '../hub/hub-file.js';
import type { RetryNotice } from '../transfer/retry.js';

/** What happens while a model is fetched. */
export type PullEvent =
  | PullPlan
  | PullProgress
  | ({ readonly kind: 'retry'; readonly path: string | undefined } & RetryNotice)
  | {
      /** Another process fetches this file; this one waits for it. */
      readonly kind: 'waiting';
      readonly path: string;
    }
  | {
      /** The file's bytes are what the hub says, and it is in the cache from now on. */
      readonly kind: 'verified';
      readonly path: string;
      readonly bytes: number;
      readonly algorithm: 'sha256' | 'git-sha1';
      readonly digest: string;
    }
  | {
      /** The bytes were not what the hub says; they are kept at `rejectedFile`. The first time, the file is fetched once more. */
      readonly kind: 'rejected';
      readonly path: string;
      readonly expected: string;
      readonly actual: string;
      readonly rejectedFile: string;
    };

/** Comes once, before anything is fetched. */
export interface PullPlan {
  readonly kind: 'plan';
  readonly id: string;
  readonly revision: string;
  readonly commit: string;
  readonly endpoint: string;
  /** SPDX identifier (catalogue) or what the model card names. */
  readonly license: string | undefined;
  readonly files: readonly PlannedFile[];
  /** Bytes of all files together; those of unknown length count as 0. */
  readonly totalBytes: number;
  /** Bytes that are on disk already, in whole files and in parts of earlier tries. */
  readonly presentBytes: number;
}

export interface PlannedFile extends HubFile {
  readonly presentBytes: number;
}

/** Comes several times a second at most. */
export interface PullProgress {
  readonly kind: 'progress';
  /** Bytes on disk, those of earlier tries included. */
  readonly presentBytes: number;
  /** A file of unknown length counts with what is there of it. The shards of a model are known when its index is there. */
  readonly totalBytes: number;
  /** Over the last seconds. */
  readonly bytesPerSecond: number;
  /** Undefined in the first second and while nothing comes. */
  readonly secondsLeft: number | undefined;
}
