import { WebsslError } from '@webssl/backend';
import { isHubId } from '../cache/repository-id.js';
import { listSnapshots } from '../cache/snapshots.js';

/** The error for a model that is to be looked at or removed and is not there; it names the revisions that are. */
export async function notKept(id: string, revision: string | undefined, cache: string): Promise<WebsslError> {
  const which = revision === undefined ? id : `Revision ${revision} of ${id}`;
  const others = isHubId(id) ? await listSnapshots(cache, id) : [];
  const advice =
    others.length === 0
      ? "'webssl models list' tells what is."
      : `These revisions are: ${others.map(({ commit }) => commit).join(', ')}.`;
  return new WebsslError({
    code: 'MODEL_NOT_ON_DISK',
    message: `${which} is not in ${cache}. ${advice}`,
    details: { id, revision, cache, otherRevisions: others },
  });
}
