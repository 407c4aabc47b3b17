import { cdnAnswer } from './cdn-host.js';
import type { FaultRule } from './fault.js';
import { FaultBook } from './fault-book.js';
import { hubAnswer } from './hub-host.js';
import { listenOnLoopback } from './loopback-server.js';
import { standingFaults } from './mirror.js';
import type { HubDoubleOptions } from './options.js';
import { storeRepositories } from './repository-store.js';
import { requestHandler } from './request-handler.js';
import {
  type LoggedRequest,
  matchesFilter,
  type RequestFilter,
  type WritableLoggedRequest,
} from './request-log.js';
import { SignedUrls } from './signed-urls.js';

/** A hub and its CDN host, listening on loopback. */
export interface HubDouble {
  /** Origin of the hub host, such as `http://127.0.0.1:41234`: what `HF_ENDPOINT` is set to. */
  readonly endpoint: string;
  /** Origin of the CDN host as it stands in signed addresses. */
  readonly cdn: string;
  /** In the order in which they came; entries change while their answer is sent. */
  readonly requests: readonly LoggedRequest[];
  /** Body bytes handed to sockets, errors and redirects included. */
  bytesSent(filter?: RequestFilter): number;
  /** Replaces all rules; counting starts anew. */
  setFaults(rules: readonly FaultRule[]): void;
  /** Every address that was signed so far is answered 403 from now on. */
  expireSignedUrls(): void;
  /** Forgets the log and the fault rules. */
  reset(): void;
  /** What the hub says of a file (default revision: `main`). Throws an Error where there is none. */
  describe(id: string, path: string, revision?: string): Promise<DescribedFile>;
  /** Computes every hash now, so that no answer waits for it. */
  prepare(): Promise<void>;
  /** Destroys every connection, stalled ones too. */
  close(): Promise<void>;
}

export interface DescribedFile {
  readonly commit: string;
  readonly bytes: number;
  readonly lfs: boolean;
  /** SHA-256 (64 digits) of large files, Git's blob id (40 digits) of small ones. */
  readonly etag: string;
}

/** @throws Error where the options contradict themselves or a file on disk is not there. */
export async function startHubDouble(options: HubDoubleOptions): Promise<HubDouble> {
  const repositories = await storeRepositories(options.repositories);
  const faults = new FaultBook();
  faults.set(options.faults ?? []);
  const log: WritableLoggedRequest[] = [];
  const common = { faults, log, bytesPerSecond: options.bytesPerSecond };
  const mirror = options.mirror ?? {};

  const urls = new SignedUrls(options.signedUrlSeconds ?? 3600);
  const cdnServer = await listenOnLoopback(
    requestHandler({
      ...common,
      host: 'cdn',
      standing: standingFaults(mirror, 'cdn'),
      answer: (request) => cdnAnswer(request, urls),
    }),
  );
  const cdn = `http://${options.cdnHost ?? 'localhost'}:${cdnServer.port}`;
  const hubServer = await listenOnLoopback(
    requestHandler({
      ...common,
      host: 'hub',
      standing: standingFaults(mirror, 'hub'),
      answer: (request) => hubAnswer(request, { options, repositories, urls, cdn }),
    }),
  );

  return {
    endpoint: `http://127.0.0.1:${hubServer.port}`,
    cdn,
    requests: log,
    bytesSent: (filter = {}) =>
      log.reduce((sum, entry) => sum + (matchesFilter(entry, filter) ? entry.bodyBytes : 0), 0),
    setFaults: (rules) => faults.set(rules),
    expireSignedUrls: () => urls.expireAll(),
    reset() {
      log.length = 0;
      faults.set([]);
    },
    async describe(id, path, revision = 'main') {
      const stored = repositories.get(id)?.resolve(revision);
      const file = stored?.files.get(path);
      if (stored === undefined || file === undefined)
        throw new Error(`The hub double has no file ${path} in ${id} at ${revision}`);
      return {
        commit: stored.commit,
        bytes: file.content.bytes,
        lfs: file.lfs,
        etag: await file.etag(),
      };
    },
    async prepare() {
      for (const { commits } of repositories.values())
        for (const { files } of commits) for (const file of files.values()) await file.etag();
    },
    async close() {
      await Promise.all([hubServer.close(), cdnServer.close()]);
    },
  };
}
