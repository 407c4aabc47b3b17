import { type DeviceReport, WebsslError } from '@webssl/backend';

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
  const advice = WebsslError.isInstance(error) ? error.details['advice'] : undefined;
  if (!WebsslError.isInstance(error) || typeof advice !== 'string') throw error;
  const { code, message, details } = error;
  const reason = message
    .split(advice)
    .map((part) => part.trim())
    .join(' ')
    .trim();
  return { usable: false, code, reason, advice, errorDetails: details };
}

/** The details that came with a report; none where the child could not give any. */
export function errorDetails(report: UnusableReport): Readonly<Record<string, unknown>> {
  const details = 'errorDetails' in report ? report.errorDetails : undefined;
  return typeof details === 'object' && details !== null ? { ...details } : {};
}
