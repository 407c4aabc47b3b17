import type { BatchReport, QueueLimits } from '@webssl/scheduler';

/** How the images of overlapping calls become batches. */
export interface BatchingOptions {
  /** What waits at most for the devices; more is refused with `QUEUE_FULL`. Default: without limit. */
  readonly queue?: QueueLimits;
  /** Milliseconds that a batch which is not full waits for more images though a device is free. Default 0. */
  readonly maxBatchWait?: number;
  /** Told of every batch that has ended. */
  readonly onBatch?: (batch: BatchReport) => void;
}
