import type { RecordOf } from '@webssl/checker';
import { groupBy } from './group-by.js';

type ImageRecord = RecordOf<'accuracy.image'>;

/** From here on a report has one line an image, and no more lines than this. */
const mostImages = 50;

export interface ShownComparisons {
  readonly rows: readonly ImageRecord[];
  /** What was left out, in a sentence; absent when nothing was. */
  readonly note?: string;
}

/** The comparisons that a report shows: all of them, or of many images the worst of each. */
export function shownComparisons(records: readonly ImageRecord[]): ShownComparisons {
  const images = groupBy(records, ({ index }) => index);
  if (images.size <= mostImages) return { rows: records };
  const worst = [...images.values()]
    .flatMap((ofImage) => [...ofImage].sort(worseFirst).slice(0, 1))
    .sort(worseFirst);
  return {
    rows: worst.slice(0, mostImages),
    note: `Of ${images.size} images the ${mostImages} worst, each with its worst tensor and batch; results.json has all ${records.length} comparisons.`,
  };
}

function worseFirst(a: ImageRecord, b: ImageRecord): number {
  return badness(b) - badness(a);
}

/** NMSE, and more than any NMSE where the figures cannot be trusted. */
function badness({ nmse, problem }: ImageRecord): number {
  return problem === undefined && Number.isFinite(nmse) ? nmse : Number.MAX_VALUE;
}
