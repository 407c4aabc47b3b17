import { blobFile, type CacheRepository } from '../cache/cache-paths.js';
import { presentFile } from '../cache/present-file.js';
import type { HubFile, HubRepository } from '../hub/hub-file.js';
import { partOf } from '../transfer/part-state.js';
import type { PlannedFile } from './pull-event.js';

/** How much of each file is in the cache: all of it, or what an earlier try left. */
export async function planFiles(
  place: CacheRepository,
  { commit }: HubRepository,
  files: readonly HubFile[],
): Promise<readonly (PlannedFile & { readonly isPresent: boolean })[]> {
  return Promise.all(
    files.map(async (file) => {
      const present = await presentFile(place, commit, file);
      if (present !== undefined) return { ...file, presentBytes: present.bytes, isPresent: true };
      const { presentBytes } = await partOf(blobFile(place, file.hash.digest), file);
      return { ...file, presentBytes, isPresent: false };
    }),
  );
}
