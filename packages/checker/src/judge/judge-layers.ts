import type { RecordOf } from '../records.js';
import { recordsOf } from '../records-of.js';
import type { Thresholds } from '../thresholds.js';
import type { Rule } from '../verdict.js';
import { combine } from './combine.js';
import { isWithin, judgeFigures, judgeNmse } from './compared-figures.js';
import { decide } from './decide.js';
import { ratioInWords } from './figures-in-words.js';
import { countingAxis, judgeGrid } from './grid.js';
import { layerNmseBound } from './judge-planned-bound.js';
import { largest, smallest, sumsUp } from './numbers.js';
import type { PlanOf, Run } from './runs.js';

/** Whether the hidden states after the embeddings and every layer were compared as planned, and where they start to drift. */
export function judgeLayers({ plan, records }: Run<'accuracy'>, thresholds: Thresholds): Rule[] {
  const layers = recordsOf(records, 'accuracy.layer');
  const drifts = recordsOf(records, 'accuracy.drift');
  if (plan.layers === 0 && layers.length + drifts.length === 0) {
    return undecided(thresholds);
  }
  const bound = layerNmseBound(plan, thresholds);
  const worst = worstByLayer(layers);
  const first = firstOver(worst, bound.value);
  const within = judgeNmse('hidden_states', layers, bound);
  const nmse =
    first === undefined
      ? within
      : { ...within, note: `first out of bound: hidden_states.${first}; ${within.note ?? ''}` };
  return [
    judgeGrid(
      'compared layers',
      [countingAxis('image', plan.images), countingAxis('layer', plan.layers)],
      layers.map(({ index, layer }) => [index, layer]),
    ),
    combine(nmse.name, [judgeFigures('hidden_states', layers), nmse, judgeDrift(plan, drifts, worst)], nmse),
  ];
}

/** A threshold that was asked for is not passed over where no layer was compared. */
function undecided({ maxLayerNmse }: Thresholds): Rule[] {
  if (maxLayerNmse === undefined) return [];
  const rule = decide('threshold maxLayerNmse', {
    missing: ['the accuracy run compared no layers'],
    bound: `at most ${ratioInWords(maxLayerNmse)}`,
  });
  return [rule];
}

/** The record that names the drift says nothing that is not in the plan and in those of the layers; it must say the same. */
function judgeDrift(
  plan: PlanOf<'accuracy'>,
  drifts: readonly RecordOf<'accuracy.drift'>[],
  worst: ReadonlyMap<number, number>,
): Rule {
  const [drift] = drifts;
  const bound = plan.max_layer_nmse ?? plan.max_nmse;
  return decide('drift', {
    missing: drift === undefined ? ['accuracy.drift is not in the log'] : [],
    wrong: [
      ...(drifts.length > 1 ? ['it is there more than once'] : []),
      ...(drift === undefined || sumsUp(drift.bound, bound)
        ? []
        : [`its bound is ${drift.bound}, that of the plan ${bound}`]),
      ...(drift === undefined || agreesWithLayers(drift, worst) ? [] : ['it does not agree with the layers']),
    ],
  });
}

function agreesWithLayers(
  { bound, first_layer_over, worst_layer, worst_nmse }: RecordOf<'accuracy.drift'>,
  worst: ReadonlyMap<number, number>,
): boolean {
  return (
    first_layer_over === firstOver(worst, bound) &&
    worst.has(worst_layer) &&
    sumsUp(worst_nmse, worst.get(worst_layer) ?? Number.NaN) &&
    sumsUp(worst_nmse, largest(worst.values()))
  );
}

/** The largest NMSE of any image by layer; NaN where one is. */
function worstByLayer(layers: readonly RecordOf<'accuracy.layer'>[]): Map<number, number> {
  const worst = new Map<number, number>();
  for (const { layer, nmse } of layers) worst.set(layer, Math.max(nmse, worst.get(layer) ?? nmse));
  return worst;
}

function firstOver(worst: ReadonlyMap<number, number>, bound: number): number | undefined {
  const over = [...worst].flatMap(([layer, nmse]) => (isWithin(nmse, bound) ? [] : [layer]));
  return over.length === 0 ? undefined : smallest(over);
}
