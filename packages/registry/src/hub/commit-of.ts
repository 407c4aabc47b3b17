import { WebsslError } from '@webssl/backend';
import { askRevision } from './hub-api.js';
import type { MetadataRequests } from './metadata-requests.js';

/**
 * Which commit a branch or tag is, by the hub's API.
 * @returns undefined where the endpoint has no API, does not know the revision, or cannot be asked now
 * @throws the signal's reason
 */
export async function commitOf(
  metadata: MetadataRequests,
  id: string,
  revision: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return (await askRevision(metadata, id, revision, signal))?.commit;
  } catch (error) {
    signal?.throwIfAborted();
    if (WebsslError.isInstance(error) && error.code.startsWith('HUB_')) return undefined;
    throw error;
  }
}
