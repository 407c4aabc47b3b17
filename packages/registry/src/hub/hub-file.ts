/** A file of a hub repository at one commit. */
export interface HubFile {
  /** Path inside the repository, with `/`; never absolute, no `..`, no empty segment, no backslash. */
  readonly path: string;
  /** Length in bytes; undefined where a server does not tell. */
  readonly bytes: number | undefined;
  readonly hash: HubHash;
}

/**
 * What a file's bytes must hash to: SHA-256 for large files (Git LFS and Xet), Git's blob id (SHA-1 over
 * `blob <bytes>\0` and the bytes) for small ones. In both cases the digest is what Python's client calls the etag, the
 * blob's name in its cache.
 */
export interface HubHash {
  readonly algorithm: 'sha256' | 'git-sha1';
  /** Lower-case hexadecimal: 64 or 40 digits. */
  readonly digest: string;
}

/** A repository at one commit, as its hub describes it. */
export interface HubRepository {
  readonly id: string;
  /** The branch, tag or commit that was asked for. */
  readonly revision: string;
  /** 40 lower-case hexadecimal digits. */
  readonly commit: string;
  /** The licence that the model card names, such as `cc-by-nc-4.0`; undefined where it names none. */
  readonly license: string | undefined;
  readonly files: readonly HubFile[];
}
