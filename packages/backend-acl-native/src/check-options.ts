import { WebsslError } from '@webssl/backend';
import type { AclNativeOptions } from './acl-native-options.js';

/** The limit of the compiler. */
const mostBatchSizes = 100;
/** The library takes devices and timeouts as such. */
const largestInt32 = 2 ** 31 - 1;
const texts = ['offlineModel', 'cacheFolder', 'library', 'compiler'] as const;
const deadlines = ['deadlineMilliseconds', 'openDeadlineMilliseconds'] as const;

/** @throws WebsslError `BACKEND_OPTION_INVALID` naming the first option that is out of range. */
export function checkOptions(options: AclNativeOptions): void {
  const { device, batchSizes, isolation } = options;
  if (device !== undefined && !(Number.isInteger(device) && device >= 0 && device <= largestInt32)) {
    throw invalid('device', device, 'a whole number of at least 0');
  }
  if (batchSizes !== undefined && !isBatchSizes(batchSizes)) {
    throw invalid('batchSizes', batchSizes, `1 to ${mostBatchSizes} different whole numbers of at least 1`);
  }
  for (const name of texts) {
    const value: unknown = options[name];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw invalid(name, value, 'a path');
    }
  }
  if (isolation !== undefined && isolation !== 'process' && isolation !== 'thread') {
    throw invalid('isolation', isolation, "'process' or 'thread'");
  }
  for (const name of deadlines) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= largestInt32)) {
      throw invalid(name, value, `a whole number of milliseconds from 1 to ${largestInt32}`);
    }
  }
}

function isBatchSizes(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= mostBatchSizes &&
    new Set(value).size === value.length &&
    value.every((size) => Number.isSafeInteger(size) && size >= 1)
  );
}

function invalid(option: string, value: unknown, wanted: string): WebsslError {
  return new WebsslError({
    code: 'BACKEND_OPTION_INVALID',
    message: `aclNative({ ${option}: ${JSON.stringify(value)} }): ${option} must be ${wanted}.`,
    details: { option, value },
  });
}
