import { isCommit } from '../cache/cache-paths.js';
import { isSafeRelativePath } from '../cache/relative-path.js';
import { longestWeightIndex, shardNamesInText, weightIndexName } from '../weight-index.js';
import { fileAddress } from './hub-address.js';
import { hubError } from './hub-error.js';
import type { HubFile } from './hub-file.js';
import type { MetadataRequests } from './metadata-requests.js';
import { type ProbedFile, probeFile } from './probe-file.js';
import { readContent } from './read-content.js';

const mostShards = 1000;

/** What can be learned about a repository without the hub's API. */
export interface ProbedRepository {
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/**
 * Finds the files of a model at an endpoint that serves files but has no API, by their well-known names: the two
 * configurations, and the weights in one file or as the index lists them.
 *
 * @param revision best a commit: else it must be told by the `X-Repo-Commit` headers
 * @throws WebsslError `HUB_REPOSITORY_NOT_FOUND` where no such file is there, `HUB_RESPONSE_INVALID`
 */
export async function probeRepository(
  metadata: MetadataRequests,
  id: string,
  revision: string,
  signal: AbortSignal | undefined,
): Promise<ProbedRepository> {
  const probe = (path: string, at: string): Promise<ProbedFile | undefined> =>
    probeFile(metadata, { id, revision: at, path }, signal);
  const [config, processor, weights] = await Promise.all(
    ['config.json', 'preprocessor_config.json', 'model.safetensors'].map((path) => probe(path, revision)),
  );
  const first = [config, processor, weights].filter(isDefined);
  if (weights === undefined) first.push(...[await probe(weightIndexName, revision)].filter(isDefined));
  if (first.length === 0) {
    throw hubError(
      'HUB_REPOSITORY_NOT_FOUND',
      `${metadata.endpoint} has no API, and none of the files of a model in ${id} at revision '${revision}'. Check the name, the revision and the endpoint.`,
      { details: { endpoint: metadata.endpoint, id, revision } },
    );
  }
  const commit = oneCommit(metadata, id, revision, first);
  const hasIndex = first.some(({ path }) => path === weightIndexName);
  const shardNames = hasIndex ? await readShardNames(metadata, id, commit, signal) : [];
  const shards: HubFile[] = [];
  for (const name of shardNames) shards.push(...[await probe(name, commit)].filter(isDefined));
  return { commit, files: [...first, ...shards].map(({ path, bytes, hash }) => ({ path, bytes, hash })) };
}

/** The commit that all headers name; where they name none, the revision itself if it is a commit. */
function oneCommit(
  { endpoint }: MetadataRequests,
  id: string,
  revision: string,
  files: readonly ProbedFile[],
): string {
  const named = new Set(files.map(({ commit }) => commit).filter(isDefined));
  if (isCommit(revision)) named.add(revision);
  const [commit] = named;
  if (commit === undefined) {
    throw hubError(
      'HUB_RESPONSE_INVALID',
      `${endpoint} does not tell which commit '${revision}' of ${id} is: it has no API and sends no X-Repo-Commit. Name the commit (40 hexadecimal digits) as the revision.`,
      { details: { endpoint, id, revision } },
    );
  }
  if (named.size > 1) {
    throw hubError(
      'HUB_RESPONSE_INVALID',
      `${endpoint} serves '${revision}' of ${id} from different commits (${[...named].join(', ')}). It may have changed just now: try again, or name a commit as the revision.`,
      { details: { endpoint, id, revision, commits: [...named] } },
    );
  }
  return commit;
}

async function readShardNames(
  metadata: MetadataRequests,
  id: string,
  commit: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const subject = { id, revision: commit, path: weightIndexName };
  const url = fileAddress(metadata.endpoint, id, commit, weightIndexName);
  const text = await metadata.ask({ method: 'GET', url, subject, signal }, (answer) =>
    readContent(answer, longestWeightIndex),
  );
  const names = shardNamesInText(text.toString('utf8'));
  if (names !== undefined && names.length <= mostShards && names.every(isSafeRelativePath)) return names;
  throw hubError(
    'HUB_RESPONSE_INVALID',
    `${weightIndexName} of ${id} is not an index of safetensors files.`,
    {
      details: subject,
    },
  );
}

function isDefined<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
