import type { BatchReport } from '@webssl/encoder';
import type { FastifyInstance } from 'fastify';
import type { MetricSources } from '../metrics/server-metrics.js';

/** Traces and metrics on their way to a collector. */
export interface Telemetry {
  /** Begins to follow the requests of a server. */
  follow(app: FastifyInstance, sources: MetricSources): void;
  batchEnded(batch: BatchReport): void;
  /** Sends what is left. Never throws. */
  close(): Promise<void>;
}
