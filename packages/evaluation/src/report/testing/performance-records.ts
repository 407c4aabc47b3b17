import type { EvaluationRecord } from '@webssl/checker';
import { batches, candidate, opening, reference, surroundings, type Variation } from './run-records.js';

const run = 'b1d7e9f4-03a2-4f8e-8b57-90c4e2a6d322';

/** A performance run of a fast candidate; a broken one runs out of memory. */
export function performanceRecords(variation: Variation): EvaluationRecord[] {
  const { brokenLayer, message } = variation;
  const isBroken = brokenLayer !== undefined;
  const records: EvaluationRecord[] = [
    {
      record: 'run.plan',
      ...opening(run, variation),
      kind: 'performance',
      devices: [reference, candidate],
      images: 2,
      batches,
      concurrency: 1,
      warmup: 3,
      min_seconds: 3,
      min_iterations: 5,
      end_to_end: true,
    },
    ...surroundings(run),
    {
      record: 'performance.preprocessing',
      run,
      n: 50,
      min_ms: 11.81,
      mean_ms: 13.02,
      median_ms: 12.66,
      stddev_ms: 0.91,
    },
    {
      record: 'performance.device',
      run,
      device: reference,
      load_ms: 2841.7,
      first_inference_ms: 402.5,
      peak_memory_bytes: 3_412_000_768,
    },
    { record: 'performance.device', run, device: candidate, load_ms: 5120.3, first_inference_ms: 31.4 },
  ];
  for (const [device, base, perImage] of [
    [reference, 12, 298],
    [candidate, 2.9, 2.16],
  ] as const) {
    const measured = isBroken && device === candidate ? [1, 4] : batches;
    for (const batch of measured) {
      const mean = base + perImage * batch;
      const isFast = device === candidate;
      const n = isFast ? Math.max(120, Math.round(3000 / mean)) : Math.max(5, Math.round(3000 / mean));
      const unstable = isBroken && batch === 4;
      records.push({
        record: 'performance.batch',
        run,
        device,
        batch,
        concurrency: 1,
        n,
        seconds: (n * mean) / 1000,
        min_ms: mean * 0.96,
        mean_ms: mean,
        median_ms: mean * 0.995,
        ...(n >= 10 ? { p90_ms: mean * 1.04 } : {}),
        ...(n >= 20 ? { p95_ms: mean * 1.06 } : {}),
        ...(n >= 100 ? { p99_ms: mean * 1.21 } : {}),
        stddev_ms: mean * 0.03,
        images_per_second: (1000 * batch) / mean,
        ...(isFast ? { host_to_device_ms: 0.11 * batch } : {}),
        compute_ms: isFast ? mean - 0.6 - 0.33 * batch : mean - 8,
        ...(isFast ? { device_to_host_ms: 0.22 * batch } : {}),
        speedup: (1000 * batch) / mean / (1000 / 310),
        first_half_ms: mean * (unstable ? 0.84 : 0.998),
        second_half_ms: mean * (unstable ? 1.16 : 1.002),
        unstable,
      });
    }
    records.push({
      record: 'performance.end_to_end',
      run,
      device,
      batch: 8,
      images: 64,
      seconds: device === candidate ? 0.92 : 19.6,
      images_per_second: device === candidate ? 69.6 : 3.27,
    });
  }
  if (isBroken || message !== undefined) {
    records.push({
      record: 'run.error',
      run,
      code: 'ACL_OUT_OF_MEMORY',
      message: message ?? 'aclrtMalloc of 1.9 GiB failed (207001). Use a smaller batch.',
      device: candidate,
      batch: 8,
    });
  }
  return [...records, { record: 'run.end', run, status: 'complete', records: records.length, seconds: 51.8 }];
}
