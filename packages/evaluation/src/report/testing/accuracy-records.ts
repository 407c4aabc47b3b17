import type { EvaluationRecord } from '@webssl/checker';
import { pseudoRandom } from './pseudo-random.js';
import { batches, candidate, opening, reference, surroundings, type Variation } from './run-records.js';

export const accuracyRun = '6f0c8a52-6d5e-4c7c-9a3c-2f6d1a0b7c11';
const layers = 33;

function comparison(nmse: number) {
  const isMeasured = Number.isFinite(nmse);
  return {
    values: 257 * 1280,
    nmse,
    nmse_percent: 100 * nmse,
    relative_l2: Math.sqrt(nmse),
    cosine: 1 - nmse / 2,
    max_abs_error: 3.1 * Math.sqrt(nmse),
    not_finite: isMeasured ? 0 : 1280,
    reference_not_finite: 0,
    ...(isMeasured ? {} : { problem: 'not-finite' as const }),
  };
}

/** An accuracy run with layers and stability. */
export function accuracyRecords(variation: Variation): EvaluationRecord[] {
  const { images = ['astronaut.jpg', 'photos/china.jpg'], brokenLayer } = variation;
  const random = pseudoRandom(7);
  const run = accuracyRun;
  const isBroken = brokenLayer !== undefined;
  const records: EvaluationRecord[] = [
    {
      record: 'run.plan',
      ...opening(run, variation),
      kind: 'accuracy',
      reference,
      candidate,
      images: images.length,
      batches,
      layers,
      stability: 3,
      max_nmse: 0.01,
    },
    ...surroundings(run),
  ];
  const final = images.map((_, index) => (isBroken && index === 0 ? Number.NaN : isBroken ? 0.083 : 2.8e-5));
  for (const [index, image] of images.entries()) {
    for (const batch of batches) {
      for (const tensor of ['last_hidden_state', 'cls'] as const) {
        const factor = (tensor === 'cls' ? 0.4 : 1) * (0.9 + 0.2 * random());
        records.push({
          record: 'accuracy.image',
          run,
          index,
          image,
          batch,
          tensor,
          ...comparison((final[index] ?? 0) * factor),
        });
      }
    }
    for (let layer = 0; layer < layers; layer++) {
      const grown = 2e-8 * 1.25 ** layer * (0.8 + 0.4 * random());
      const broken = isBroken && layer >= brokenLayer;
      const last = isBroken && index === 0 && layer === layers - 1;
      records.push({
        record: 'accuracy.layer',
        run,
        index,
        image,
        layer,
        ...comparison(last ? Number.NaN : broken ? Math.min(0.5, grown * 1e5) : grown),
      });
    }
    records.push({
      record: 'accuracy.stability',
      run,
      index,
      image,
      batch: 4,
      runs: 3,
      identical: !isBroken,
      max_nmse: isBroken ? 1.2e-6 : 0,
      max_abs_error: isBroken ? 0.0021 : 0,
      not_finite: 0,
    });
  }
  for (const [tensor, factor] of [
    ['last_hidden_state', 1],
    ['cls', 0.4],
  ] as const) {
    const mean = isBroken ? Number.NaN : 2.79e-5 * factor;
    const largest = isBroken ? Number.NaN : 3.02e-5 * factor;
    records.push({
      record: 'accuracy.total',
      run,
      tensor,
      comparisons: images.length * batches.length,
      mean_nmse: mean,
      mean_nmse_percent: 100 * mean,
      max_nmse: largest,
      max_nmse_percent: 100 * largest,
      mean_relative_l2: Math.sqrt(mean),
      max_relative_l2: Math.sqrt(largest),
      mean_cosine: 1 - mean / 2,
      min_cosine: 1 - largest / 2,
      max_abs_error: isBroken ? Number.NaN : 0.0174,
      not_finite: isBroken ? 5120 : 0,
    });
  }
  records.push({
    record: 'accuracy.drift',
    run,
    bound: 0.01,
    ...(isBroken ? { first_layer_over: brokenLayer } : {}),
    worst_layer: layers - 1,
    worst_nmse: isBroken ? Number.NaN : 3.1e-5,
  });
  return [...records, { record: 'run.end', run, status: 'complete', records: records.length, seconds: 74.2 }];
}
