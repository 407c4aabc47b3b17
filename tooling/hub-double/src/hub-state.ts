import type { HubDoubleOptions } from './options.js';
import type { StoredRepository } from './repository-store.js';
import type { SignedUrls } from './signed-urls.js';

/** What the hub host answers from. */
export interface HubState {
  readonly options: HubDoubleOptions;
  readonly repositories: ReadonlyMap<string, StoredRepository>;
  readonly urls: SignedUrls;
  /** Origin of the CDN host in signed addresses. */
  readonly cdn: string;
}
