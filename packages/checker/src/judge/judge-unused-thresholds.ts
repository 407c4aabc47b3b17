import type { Thresholds } from '../thresholds.js';
import type { Rule, RunKind } from '../verdict.js';
import { decide } from './decide.js';

/** The kinds of runs that decide a threshold. */
const decidedBy: Readonly<Record<keyof Thresholds, readonly RunKind[]>> = {
  maxNmse: ['accuracy', 'comparison'],
  maxLayerNmse: ['accuracy'],
  minImagesPerSecond: ['performance'],
  maxLatencyMilliseconds: ['performance'],
  minSpeedUp: ['performance'],
  requireStable: ['performance'],
  requireComparedBatches: ['performance'],
};

/** Thresholds that were asked for and that no expected run can decide: MISSING, not passed over. */
export function judgeUnusedThresholds(thresholds: Thresholds, expected: readonly RunKind[]): Rule[] {
  return Object.entries(decidedBy).flatMap(([key, kinds]) => {
    const bound = thresholds[key as keyof Thresholds];
    if (bound === undefined || bound === false || kinds.some((kind) => expected.includes(kind))) return [];
    return [
      decide(`threshold ${key}`, {
        missing: [`only a run of kind ${kinds.join(' or ')} decides it, and none is expected`],
        bound: String(bound),
      }),
    ];
  });
}
