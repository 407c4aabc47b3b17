import { z } from 'zod';

const ratio = z.number().nonnegative();
const exponents = z.array(z.number().int().min(-60).max(60));

/** What was measured of a plan against float32, on this model and these images. */
const measurementSchema = z.object({
  /** Largest NMSE of an image's `last_hidden_state`, as a ratio. */
  nmse: ratio,
  /** The same of its CLS token. */
  clsNmse: ratio,
  /** Median milliseconds an image. */
  milliseconds: ratio,
  /** The same in float32, measured in turn with it. */
  float32Milliseconds: ratio,
});

/** A plan as its file holds it, JSON. */
export const planSchema = z.object({
  format: z.literal('webssl quantization plan 1'),
  model: z.string(),
  /** Of the images as the model is given them, in pixels. What was measured holds for this size only. */
  size: z.object({ height: z.number().int().positive(), width: z.number().int().positive() }),
  /** Of the weights and config that it is for. */
  fingerprint: z.string().regex(/^[\da-f]{64}$/),
  createdAt: z.iso.datetime(),
  /** The processor that it was measured on, in the words of the operating system. */
  processor: z.string(),
  weightBits: z.union([z.literal(7), z.literal(8)]),
  /** Linear layers that stay float32. */
  float32: z.array(z.string()),
  /** See `Smoothing`. */
  smoothing: z.record(z.string(), exponents),
  /** The NMSE that the full state and CLS of every image were to keep. */
  bound: ratio,
  verdict: z.enum(['PASS', 'FAIL']),
  measured: measurementSchema,
  images: z.array(z.object({ name: z.string(), sha256: z.string().regex(/^[\da-f]{64}$/) })),
});

/** Which linear layers of a model compute in int8, how its channels are smoothed, and what that was measured to cost and to gain. */
export type QuantizationPlan = z.infer<typeof planSchema>;
