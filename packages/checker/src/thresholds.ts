import { z } from 'zod';

const ratio = z.number().positive();

/** The bounds of a verdict, as a thresholds file holds them. A bound that is absent is not asked for. */
export const thresholdsSchema = z
  .strictObject({
    /** Of every image, `last_hidden_state` and CLS token. Default: the bound that the accuracy run was made with. */
    maxNmse: ratio,
    /** Of every layer; MISSING where none was compared. Default: the plan's own bound for layers, else as `maxNmse`. */
    maxLayerNmse: ratio,
    /** Of each device but the reference, in its best batch. */
    minImagesPerSecond: z.number().positive(),
    /** Median of each device but the reference, in the smallest batch. */
    maxLatencyMilliseconds: z.number().positive(),
    /** Of each device but the reference, in its best batch, over the reference in batches of 1. */
    minSpeedUp: z.number().positive(),
    /** No measurement may be flagged as unstable. */
    requireStable: z.boolean(),
    /** Every batch size that was measured must have been compared, too. */
    requireComparedBatches: z.boolean(),
  })
  .partial()
  .readonly();

export type Thresholds = z.output<typeof thresholdsSchema>;

/**
 * NMSE that arithmetic of a precision may cause. `fp32`: another order of sums stays far below, TF32, HF32 or half precision
 * does not. `fp16` (and bf16): rounding in every layer. `int8`: dynamic quantisation.
 */
export const nmsePresets = { fp32: 1e-8, fp16: 1e-3, int8: 1e-2 } as const;

/** 1 %. */
export const defaultMaxNmse = 0.01;
