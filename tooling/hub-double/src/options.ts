import type { FaultRule } from './fault.js';

export interface HubDoubleOptions {
  readonly repositories: readonly HubDoubleRepository[];
  /** Old repository name to new one: answered with 307. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Tokens that the hub knows; every other one is answered 401. Default: every token is known. */
  readonly tokens?: readonly string[];
  readonly faults?: readonly FaultRule[];
  readonly mirror?: MirrorQuirks;
  /** Origin in links to further pages. Default: the host that the client asked. */
  readonly publicEndpoint?: string;
  /**
   * Host name of the CDN in signed URLs. Default `localhost`, so that it differs from the hub's 127.0.0.1 by more than
   * the port: Python's client looks at host names only, takes another port of the same host for the hub and fails there.
   */
  readonly cdnHost?: string;
  /** Life of a signed URL. Default 3600. */
  readonly signedUrlSeconds?: number;
  /** Entries of one page of a tree listing. Default 1000 (100 with `expand`), as on the real hub. */
  readonly pageSize?: number;
  /** `resolve-cache`: small files are answered 307 to a path of the same host that serves them, as the real hub does. Default `direct`. */
  readonly smallFiles?: 'direct' | 'resolve-cache';
  /** Adds the Xet headers and hashes of the real hub. They lead nowhere: a client may ignore Xet. Default false. */
  readonly xet?: boolean;
  /** Throttles every answer. Default: no limit. */
  readonly bytesPerSecond?: number;
}

export interface HubDoubleRepository {
  /** Such as `facebook/webssl-mae700m-full2b-224`. */
  readonly id: string;
  /** What the model card names. */
  readonly license?: string;
  /** Files need a token of `readers`; listings are public. */
  readonly gated?: 'auto' | 'manual';
  /** Everything needs a token of `readers`. */
  readonly private?: boolean;
  /** Tokens that may read a gated or private repository. Default: every known token. */
  readonly readers?: readonly string[];
  /** Oldest first. Where no commit bears `main`, the last one does. */
  readonly commits: readonly HubDoubleCommit[];
}

export interface HubDoubleCommit {
  /** 40 hexadecimal digits. Default: derived from the repository's name and the commit's place. */
  readonly commit?: string;
  /** Branches and tags that point to it. */
  readonly references?: readonly string[];
  /** Path to contents. Paths are listed as they are, wrong ones too. */
  readonly files: Readonly<Record<string, HubDoubleFile>>;
}

/** Contents given, on disk, or generated: see `generatedBytes`. */
export type HubDoubleFile =
  | string
  | Uint8Array
  | { readonly contents: string | Uint8Array; readonly lfs?: boolean }
  | { readonly file: string; readonly lfs?: boolean }
  | { readonly bytes: number; readonly seed?: number; readonly lfs?: boolean };

/** How mirrors differ from the hub, on every answer. */
export interface MirrorQuirks {
  /** No `Content-Length` on HEAD, chunked encoding on GET. */
  readonly withoutLength?: boolean;
  /** Headers that are missing, such as `X-Repo-Commit`, `ETag`, `X-Linked-Etag`, `X-Linked-Size`. */
  readonly withoutHeaders?: readonly string[];
  /** `resolve` is answered with a redirect to another hub. */
  readonly redirect?: {
    readonly endpoint: string;
    /** Default 308. */
    readonly status?: 301 | 302 | 307 | 308;
    readonly dropQuery?: boolean;
    /** The API is redirected too. */
    readonly api?: boolean;
  };
  /** 404 to everything under `/api`. */
  readonly withoutApi?: boolean;
  /** Large files are served by the hub host itself, with no redirect. */
  readonly withoutCdn?: boolean;
  /** Small files and API answers are compressed whatever the client accepts. */
  readonly gzip?: boolean;
  /** Ranges are answered 200 with the whole file. */
  readonly ignoreRanges?: boolean;
  /** Ranges are answered 416. */
  readonly refuseRanges?: boolean;
}
