import type { BatchReport } from '@webssl/encoder';
import type { FastifyInstance } from 'fastify';
import type { MetricSources } from '../metrics/server-metrics.js';
import { telemetrySettings } from './telemetry-settings.js';

/** Traces and metrics on their way to a collector. */
export interface Telemetry {
  /** Begins to follow the requests of a server. */
  follow(app: FastifyInstance, sources: MetricSources): void;
  batchEnded(batch: BatchReport): void;
  /** Sends what is left. Never throws. */
  close(): Promise<void>;
}

/**
 * Sends traces and metrics by OpenTelemetry where its environment variables ask for it; else nothing of it is even loaded.
 *
 * @throws WebsslError `TELEMETRY_VARIABLE_INVALID`
 */
export async function openTelemetry(
  environment: NodeJS.ProcessEnv,
  version: string,
): Promise<Telemetry | undefined> {
  const settings = telemetrySettings(environment);
  if (settings === undefined) return undefined;
  const { createTelemetry } = await import('./create-telemetry.js');
  return createTelemetry(settings, version);
}
