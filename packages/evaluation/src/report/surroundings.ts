import type { RecordOf } from '@webssl/checker';
import { type ReportRun, recordsOf } from './collect-runs.js';
import { groupBy } from './group-by.js';

type DeviceRecord = RecordOf<'run.device'>;

/** The machines of all runs; runs on the same one share a line. */
export function distinctEnvironments(runs: readonly ReportRun[]): RecordOf<'run.environment'>[] {
  return distinct(recordsOf(runs, 'run.environment'), ['run']);
}

/** The devices of all runs; the same device in two runs is one. */
export function distinctDevices(runs: readonly ReportRun[]): DeviceRecord[] {
  return distinct(recordsOf(runs, 'run.device'), ['run']);
}

/** `{"threads":2}` reads `threads: 2`; what is no JSON object stays as it is. */
export function deviceDetails(details: string): string {
  try {
    const parsed: unknown = JSON.parse(details);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return details;
    return Object.entries(parsed)
      .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
      .join(', ');
  } catch {
    return details;
  }
}

function distinct<Item extends object>(records: readonly Item[], besides: readonly (keyof Item)[]): Item[] {
  const key = (record: Item) =>
    JSON.stringify(Object.entries(record).filter(([name]) => !besides.includes(name as keyof Item)));
  return [...groupBy(records, key).values()].flatMap(([first]) => (first === undefined ? [] : [first]));
}
