import { type DeviceReport, WebsslError } from '@webssl/backend';
import { problemOf } from '@webssl/backend/host';

type UnusableReport = Extract<DeviceReport, { usable: false }>;

/** A report with the details of the error behind it, for `open`, which rejects with them. */
interface FailedReport extends UnusableReport {
  readonly errorDetails: Readonly<Record<string, unknown>>;
}

/**
 * The report of a library that cannot be used.
 * @throws what is not one of our errors with an advice
 */
export function failedReport(error: unknown): FailedReport {
  if (!WebsslError.isInstance(error) || typeof error.details['advice'] !== 'string') throw error;
  return { usable: false, ...problemOf(error, error.details['advice']), errorDetails: error.details };
}

/** The details that came with a report; none where the child could not give any. */
export function errorDetails(report: UnusableReport): Readonly<Record<string, unknown>> {
  const details = 'errorDetails' in report ? report.errorDetails : undefined;
  return typeof details === 'object' && details !== null ? { ...details } : {};
}
