import type { Telemetry } from './telemetry.js';
import { telemetrySettings } from './telemetry-settings.js';

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
