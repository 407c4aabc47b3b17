import type { Checkpoint } from '@webssl/registry';
import type { QuantizationPlan } from '../quantization/plan-schema.js';
import { smoothingPlaces } from '../quantization/smoothing.js';

/** A plan with one linear layer in float32 and one place smoothed. */
export async function examplePlan(checkpoint: Checkpoint): Promise<QuantizationPlan> {
  const [, place] = smoothingPlaces(checkpoint.config);
  if (place === undefined) throw new Error('no place to smooth');
  return {
    ...{ format: 'webssl quantization plan 1', model: checkpoint.id },
    size: { height: checkpoint.config.imageSize, width: checkpoint.config.imageSize },
    fingerprint: await checkpoint.fingerprint(),
    ...{ createdAt: '2026-11-29T00:00:00Z', processor: 'a processor', weightBits: 7 },
    float32: ['encoder.layer.0.attention.output.dense'],
    smoothing: { [place.name]: Array.from({ length: place.channels }, (_, channel) => (channel % 5) - 2) },
    ...{ bound: 0.005, verdict: 'PASS' },
    measured: { nmse: 0.001, clsNmse: 0.002, milliseconds: 500, float32Milliseconds: 1000 },
    images: [{ name: 'china.jpg', sha256: '0'.repeat(64) }],
  };
}
