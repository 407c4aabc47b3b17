import type { RecordOf } from '@webssl/checker';
import { groupBy } from './group-by.js';
import { mostRows } from './row-limit.js';

type ImageRecord = RecordOf<'accuracy.image'>;
type Compared = Pick<ImageRecord, 'nmse' | 'problem'>;

/** From here on a report has one line an image, and no more lines than this. */
const mostImages = 50;

export interface ShownComparisons {
  readonly rows: readonly ImageRecord[];
  /** What was left out, in a sentence; absent when nothing was. */
  readonly note?: string;
}

/** The comparisons that a report shows: all of them, or where they are many the worst of each image. */
export function shownComparisons(records: readonly ImageRecord[]): ShownComparisons {
  const images = groupBy(records, ({ index }) => index);
  if (images.size <= mostImages && records.length <= mostRows) return { rows: records };
  const worst = [...images.values()]
    .flatMap((ofImage) => [...ofImage].sort(worseFirst).slice(0, 1))
    .sort(worseFirst);
  const which =
    images.size > mostImages ? `Of ${images.size} images the ${mostImages} worst, each` : 'Each image';
  return {
    rows: worst.slice(0, mostImages),
    note: `${which} with its worst tensor and batch; results.json has all ${records.length} comparisons.`,
  };
}

/** Order of comparisons by NMSE, those whose figures cannot be trusted before all others. */
export function worseFirst(a: Compared, b: Compared): number {
  return badness(b) - badness(a);
}

/** NMSE, and more than any NMSE where the figures cannot be trusted. */
function badness({ nmse, problem }: Compared): number {
  return problem === undefined && Number.isFinite(nmse) ? nmse : Number.MAX_VALUE;
}
