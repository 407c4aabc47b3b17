import { createRequire } from 'node:module';
import type getReleasePlanOf from '@changesets/get-release-plan';
import { repository } from './public-packages.js';

/** One step of a version. */
export interface PlannedRelease {
  readonly name: string;
  readonly oldVersion: string;
  readonly newVersion: string;
  /** First paragraphs of the changesets that name it, each in one line. */
  readonly summaries: readonly string[];
}

/** What `changeset version` would make of the changesets that wait. */
export async function plannedReleases(): Promise<PlannedRelease[]> {
  // Its ES module and its types name the function differently.
  const loaded = createRequire(import.meta.url)('@changesets/get-release-plan');
  const getReleasePlan: typeof getReleasePlanOf = loaded.default;
  const { releases, changesets } = await getReleasePlan(repository);
  return releases
    .filter(({ type }) => type !== 'none')
    .map(({ name, oldVersion, newVersion, changesets: ids }) => ({
      name,
      oldVersion,
      newVersion,
      summaries: changesets.flatMap(({ id, summary }) => (ids.includes(id) ? [firstParagraph(summary)] : [])),
    }));
}

function firstParagraph(text: string): string {
  return (text.trim().split(/\n\s*\n/)[0] ?? '').replace(/\s+/g, ' ');
}
