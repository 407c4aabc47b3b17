import { rm, stat } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { blobFile, type CacheRepository, lockFile, repositoryFolder } from '../cache/cache-paths.js';
import { acquireDownloadLock } from '../cache/download-lock.js';
import { hubCacheFolder } from '../cache/hub-cache-folder.js';
import { linkSnapshotFile } from '../cache/link-snapshot-file.js';
import { missingFiles } from '../cache/missing-files.js';
import { prepareRepository } from '../cache/prepare-repository.js';
import { presentFile } from '../cache/present-file.js';
import { readReference, writeReference } from '../cache/references.js';
import { findSnapshot, type HubSnapshot } from '../cache/snapshots.js';
import { type HubClient, openHubClient } from '../hub/hub-client.js';
import type { HubFile, HubRepository } from '../hub/hub-file.js';
import { readHubSettings } from '../hub/hub-settings.js';
import type { HubReference } from '../model-reference.js';
import { readJsonFile } from '../read-json-file.js';
import { downloadFile } from '../transfer/download-file.js';
import { partPaths } from '../transfer/part-paths.js';
import { removeRejected } from '../transfer/rejected-file.js';
import { defaultRetryPolicy } from '../transfer/retry.js';
import { weightIndexName } from '../weight-index.js';
import { planFiles } from './plan-files.js';
import { ProgressMeter } from './progress-meter.js';
import type { PlannedFile } from './pull-event.js';
import type { PullOptions } from './pull-options.js';
import { requireSpace } from './require-space.js';
import { invalidIndex, shardsOf } from './run-files.js';

/** Which files of a repository are to be brought. */
export type SelectFiles = (repository: HubRepository) => readonly HubFile[] | Promise<readonly HubFile[]>;

/** What one pull works with. */
interface Pull {
  readonly repository: HubRepository;
  readonly place: CacheRepository;
  readonly client: HubClient;
  readonly meter: ProgressMeter;
  readonly options: PullOptions;
}

/** A file of the pull whose bytes are on disk and verified. */
interface FetchedFile {
  readonly file: HubFile;
  /** Where its bytes are. */
  readonly path: string;
  readonly isNewBlob: boolean;
}

/**
 * Brings files of a repository into the cache. A file appears in the snapshot only after its bytes were verified, the
 * weights last, and the branch points to the new commit only when everything is there.
 *
 * @param select which of the repository's files
 */
export async function pullRepository(
  { id, entry, revision }: HubReference,
  select: SelectFiles,
  options: PullOptions,
): Promise<HubSnapshot> {
  const { signal, onPull, retry = defaultRetryPolicy } = options;
  signal?.throwIfAborted();
  const place = { cache: options.hubCacheFolder ?? hubCacheFolder(), id };
  const settings = await readHubSettings(options);
  const meter = new ProgressMeter((progress) => onPull?.(progress));
  const client = openHubClient(settings, {
    retry,
    onRetry: (notice) => onPull?.({ kind: 'retry', path: undefined, ...notice }),
  });
  try {
    const repository = await client.describe(id, revision, signal);
    const files = await planFiles(place, repository, await select(repository));
    const totalBytes = sum(files.map(({ bytes = 0 }) => bytes));
    const presentBytes = sum(files.map((file) => file.presentBytes));
    if (files.some(({ isPresent }) => !isPresent)) {
      await prepareRepository(place, repository.commit);
      await makeSpace(place, files);
      onPull?.({
        kind: 'plan',
        id,
        revision,
        commit: repository.commit,
        endpoint: settings.endpoint,
        license: entry?.license ?? repository.license,
        files: files.map(({ isPresent, ...file }) => file),
        totalBytes,
        presentBytes,
      });
    }
    meter.find(files);
    meter.start();
    const fetched = await fetchAll({ repository, place, client, meter, options }, files);
    await linkAll(place, repository.commit, fetched);
    const snapshot = await findSnapshot(place.cache, id, repository.commit);
    if (snapshot === undefined) throw new Error(`${id} has been fetched and is not in ${place.cache}`);
    const isWhole = (await missingFiles(snapshot.folder)).length === 0;
    // What a reference points to must not get worse by fetching a part of something newer.
    if (isWhole || (await readReference(place, revision)) === undefined) {
      await writeReference(place, revision, repository.commit);
    }
    if (isWhole && entry?.revision === repository.commit) await noteMain(place, client, snapshot, signal);
    return snapshot;
  } finally {
    meter.stop();
    await client.close();
  }
}

/** The Python client asks for `main` unless told otherwise, so that is noted too where it is the commit that the catalogue pins. */
async function noteMain(
  place: CacheRepository,
  client: HubClient,
  { commit }: HubSnapshot,
  signal: AbortSignal | undefined,
): Promise<void> {
  if ((await readReference(place, 'main')) === commit) return;
  if ((await client.commitOf(place.id, 'main', signal)) === commit)
    await writeReference(place, 'main', commit);
}

/** Refuses what does not fit. What was put aside as damaged makes room where that is needed. */
async function makeSpace(place: CacheRepository, files: readonly PlannedFile[]): Promise<void> {
  const folder = repositoryFolder(place);
  const neededBytes = sum(files.map(missingBytes));
  try {
    await requireSpace(folder, neededBytes);
  } catch (error) {
    if (!WebsslError.isInstance(error, 'HUB_DISK_FULL')) throw error;
    await Promise.all(files.map(({ hash }) => removeRejected(blobFile(place, hash.digest))));
    await requireSpace(folder, neededBytes);
  }
}

async function linkAll(
  place: CacheRepository,
  commit: string,
  fetched: readonly FetchedFile[],
): Promise<void> {
  for (const { file, isNewBlob } of fetched) {
    const { path, hash } = file;
    if ((await presentFile(place, commit, file))?.place === 'snapshot') continue;
    const isOnlyUse = fetched.filter((other) => other.file.hash.digest === hash.digest).length === 1;
    await linkSnapshotFile(place, {
      commit,
      path,
      digest: hash.digest,
      isNewBlob: isNewBlob && isOnlyUse,
    });
  }
}

/** One file after the other, each in several parts: the index is needed before the shards, and a link is full with one. */
async function fetchAll(pull: Pull, planned: readonly PlannedFile[]): Promise<readonly FetchedFile[]> {
  const fetched: FetchedFile[] = [];
  const waiting = [...planned];
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const result = await fetchFile(pull, file);
    fetched.push(result);
    // Which shards there are was a guess by their names until now.
    if (file.path === weightIndexName) {
      const shards = await planFiles(pull.place, pull.repository, await readShards(result.path, pull));
      pull.meter.drop(waiting);
      pull.meter.find(shards);
      waiting.splice(0, waiting.length, ...shards);
      await makeSpace(pull.place, shards);
    }
  }
  pull.meter.report();
  return fetched;
}

async function readShards(indexFile: string, { repository }: Pull): Promise<readonly HubFile[]> {
  const index = await readJsonFile(indexFile).catch((error: unknown) => {
    // The blob's name, which the error tells, says nothing.
    throw WebsslError.isInstance(error, 'CONFIG_INVALID') ? invalidIndex(repository, error.message) : error;
  });
  return shardsOf(index, repository);
}

async function fetchFile(pull: Pull, file: PlannedFile): Promise<FetchedFile> {
  const { repository, place, meter, options } = pull;
  const present = await presentFile(place, repository.commit, file);
  if (present !== undefined) {
    meter.find([{ ...file, presentBytes: present.bytes }]);
    // A process that was killed between giving the blob its name and tidying up has left it.
    if (present.place === 'blob') await rm(partPaths(present.file).journal, { force: true });
    return { file, path: present.file, isNewBlob: false };
  }
  const lock = await acquireDownloadLock(lockFile(place, file.hash.digest), {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onWait: () => options.onPull?.({ kind: 'waiting', path: file.path }),
  });
  try {
    const found = await planFiles(place, repository, [file]);
    meter.find(found);
    if (found.some(({ isPresent }) => isPresent)) return fetchFile(pull, file);
    const destination = blobFile(place, file.hash.digest);
    await download(pull, file, destination, lock.lost);
    return { file, path: destination, isNewBlob: true };
  } catch (error) {
    // Another process has the file now: this one waits for it, or goes on after it.
    if (!lock.lost.aborted || options.signal?.aborted) throw error;
  } finally {
    await lock.release();
  }
  return fetchFile(pull, file);
}

async function download(
  { repository, client, meter, options }: Pull,
  file: HubFile,
  destination: string,
  lost: AbortSignal,
): Promise<void> {
  const { path, hash } = file;
  const { signal, onPull, connections, retry = defaultRetryPolicy, hashWorkerEntry } = options;
  await downloadFile(
    {
      source: client.source(repository, file),
      name: `${path} of ${repository.id}`,
      destination,
      bytes: file.bytes,
      hash,
    },
    {
      retry,
      ...(connections === undefined ? {} : { connections }),
      signal: signal === undefined ? lost : AbortSignal.any([signal, lost]),
      ...(hashWorkerEntry === undefined ? {} : { workerEntry: hashWorkerEntry }),
      onBytes: (difference) => meter.addFetched(path, difference),
      onRetry: (notice) => onPull?.({ kind: 'retry', path, ...notice }),
      onRejected: (rejection) => onPull?.({ kind: 'rejected', path, ...rejection }),
    },
  );
  const { size } = await stat(destination);
  onPull?.({ kind: 'verified', path, bytes: size, algorithm: hash.algorithm, digest: hash.digest });
}

function missingBytes({ bytes = 0, presentBytes }: PlannedFile): number {
  return Math.max(bytes - presentBytes, 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
