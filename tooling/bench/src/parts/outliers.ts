import { join } from 'node:path';
import { type FrontierPoint, tuneModel } from '@webssl/evaluation';
import { plantOutliers } from '@webssl-tooling/planted-outliers';
import { bounds } from '../bounds.js';
import type { Check } from '../checks.js';
import { ratio, scientific } from '../format.js';
import type { Section } from '../section.js';
import type { Subject } from '../subject.js';

/** int8 where some channels are 50 to 100 times larger than the rest, as in trained ViTs: as it is, and tuned. */
export async function outliers(
  { checkpoint, threads, folder, bounded }: Subject,
  onProgress: (text: string) => void,
): Promise<Section> {
  onProgress('planting outlier channels');
  const model = join(folder, 'planted-outliers');
  await plantOutliers(checkpoint.folder, model);
  const { frontier, chosen, verdict, reason, images, isSmoothed } = await tuneModel({
    model,
    threads,
    cacheFolder: join(folder, 'cache of outliers'),
    maxNmse: bounds.tunedNmse,
    onStage: onProgress,
  });
  const [plain] = frontier;
  return {
    title: 'Planted outlier channels: int8 as it is and tuned',
    header: ['', 'in float32', 'NMSE', 'CLS NMSE', 'seconds', 'of float32'],
    rows: frontier.map((point) => [
      nameOf(point, isSmoothed),
      `${point.float32.length}`,
      scientific(point.nmse),
      scientific(point.clsNmse),
      (point.milliseconds / 1000).toFixed(3),
      ratio(point.milliseconds / point.float32Milliseconds),
    ]),
    notes: [
      'Three channels behind every LayerNorm and in the values of every layer, and three hidden ones of the second layer, are 50, 75 and 100 times larger.',
      `NMSE of last_hidden_state to float32, the larger of ${images.length} synthetic test images; mode coldStart. In float32: linear layers of ${checkpoint.config.layers} layers.`,
      `webssl tune: ${verdict} (${reason}).`,
    ],
    checks: bounded ? checks(plain, chosen) : [],
    samples: {},
  };
}

function nameOf({ kind, float32 }: FrontierPoint, isSmoothed: boolean): string {
  if (kind === 'plain') return 'int8 as it is';
  const smoothed = isSmoothed ? ', smoothed' : '';
  return float32.length === 0 ? `int8${smoothed}` : `int8${smoothed}, worst layers in float32`;
}

/** That plain int8 breaks the bound is measured too: where it does not, the outliers show nothing. */
function checks(plain: FrontierPoint | undefined, chosen: FrontierPoint | undefined): Check[] {
  // No plan is no number, which breaks every bound.
  const errorOf = (point: FrontierPoint | undefined) =>
    point === undefined ? Number.NaN : Math.max(point.nmse, point.clsNmse);
  const bound = bounds.tunedNmse;
  return [
    { name: 'NMSE of int8 as it is, with outliers', bound: { atLeast: bound }, measured: errorOf(plain) },
    { name: 'NMSE of the tuned plan, with outliers', bound: { atMost: bound }, measured: errorOf(chosen) },
  ];
}
