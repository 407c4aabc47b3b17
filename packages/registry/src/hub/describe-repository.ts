import { isCommit } from '../cache/cache-paths.js';
import { askRevision, listFiles } from './hub-api.js';
import { hubError } from './hub-error.js';
import type { HubRepository } from './hub-file.js';
import type { MetadataRequests } from './metadata-requests.js';
import { probeRepository } from './probe-repository.js';

/**
 * What a repository holds at a revision: by the hub's API, else, at mirrors that have none, by the files' own addresses
 * (then without a licence, and only the files of a model).
 */
export async function describeRepository(
  metadata: MetadataRequests,
  id: string,
  revision: string,
  signal: AbortSignal | undefined,
): Promise<HubRepository> {
  const facts = await askRevision(metadata, id, revision, signal);
  if (facts !== undefined && isCommit(revision) && facts.commit !== revision) {
    throw hubError(
      'HUB_RESPONSE_INVALID',
      `${metadata.endpoint} was asked for commit ${revision} of ${id} and describes ${facts.commit}.`,
      { details: { id, revision, commit: facts.commit } },
    );
  }
  const license = facts?.license;
  const commit = facts?.commit ?? (isCommit(revision) ? revision : undefined);
  const files = commit === undefined ? undefined : await listFiles(metadata, id, commit, signal);
  if (commit !== undefined && files !== undefined) return { id, revision, commit, license, files };
  const probed = await probeRepository(metadata, id, commit ?? revision, signal);
  return { id, revision, commit: probed.commit, license, files: probed.files };
}
