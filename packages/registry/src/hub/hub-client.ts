import type { ByteSource } from '../transfer/byte-source.js';
import { defaultRetryPolicy, type RetryNotice, type RetryPolicy } from '../transfer/retry.js';
import { commitOf } from './commit-of.js';
import { describeRepository } from './describe-repository.js';
import { HubByteSource } from './hub-byte-source.js';
import type { HubFile, HubRepository } from './hub-file.js';
import { HubRequests } from './hub-requests.js';
import type { HubSettings } from './hub-settings.js';
import { MetadataRequests } from './metadata-requests.js';

export interface HubClientOptions {
  /** For requests about files; those for the files' bytes are made once each. Default: `defaultRetryPolicy`. */
  readonly retry?: RetryPolicy | undefined;
  /** Hears of every wait before another try. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** A hub as its settings say how to reach it. */
export interface HubClient {
  /**
   * Asks which commit a revision is, which files it has and which licence it names. Files whose paths are not safe on every
   * platform are left out. At a mirror without the hub's API only the files of a model are found, and no licence.
   *
   * @param id such as `facebook/webssl-mae700m-full2b-224`: must be a valid repository id
   * @param revision branch, tag or commit
   * @throws WebsslError `HUB_OFFLINE`, `HUB_UNREACHABLE`, `HUB_RATE_LIMITED`, `HUB_REPOSITORY_NOT_FOUND`,
   * `HUB_REVISION_NOT_FOUND`, `HUB_ACCESS_DENIED`, `HUB_RESPONSE_INVALID`, `HUB_REDIRECT_REFUSED`; the signal's reason
   */
  describe(id: string, revision: string, signal?: AbortSignal): Promise<HubRepository>;
  /**
   * Which commit a branch or tag is, where that is easy to learn: one try, by the hub's API alone. Undefined where the
   * endpoint has no API, does not know the revision, or cannot be reached now.
   *
   * @throws the signal's reason
   */
  commitOf(id: string, revision: string, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * The bytes of a file. Nothing is requested before the first `open`. Keep one source for all parts of a file: it remembers
   * where the hub hands the file over to its storage.
   */
  source(repository: Pick<HubRepository, 'id' | 'commit'>, file: Pick<HubFile, 'path'>): ByteSource;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

/** Opens nothing yet: connections are made by the first request. The token is sent to the endpoint's own origin only. */
export function openHubClient(settings: HubSettings, options: HubClientOptions = {}): HubClient {
  const requests = new HubRequests(settings);
  const policy = options.retry ?? defaultRetryPolicy;
  const metadata = new MetadataRequests(requests, { policy, onRetry: options.onRetry });
  const once = new MetadataRequests(requests, { policy: { ...policy, attempts: 1 }, onRetry: undefined });
  return {
    describe: (id, revision, signal) => describeRepository(metadata, id, revision, signal),
    commitOf: (id, revision, signal) => commitOf(once, id, revision, signal),
    source: ({ id, commit }, { path }) => new HubByteSource(requests, { id, revision: commit, path }),
    close: () => requests.close(),
  };
}
