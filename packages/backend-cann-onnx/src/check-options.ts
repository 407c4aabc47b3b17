import { inspect } from 'node:util';
import { WebsslError } from '@webssl/backend';
import type { CannOnnxOptions } from './cann-onnx-options.js';

interface Rule {
  readonly holds: (value: unknown) => boolean;
  readonly wanted: string;
}

/** Numbers that are handed over as 32-bit integers. */
const mostInteger = 2 ** 31 - 1;
const mostThreads = 1024;

const isCount = (least: number, most: number) => (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
const isPositive = (value: unknown) => typeof value === 'number' && value > 0;
const isPath = (value: unknown) => typeof value === 'string' && value !== '';

const rules: { readonly [Option in keyof CannOnnxOptions]-?: Rule } = {
  provider: { holds: (value) => value === 'cann' || value === 'cpu', wanted: "'cann' or 'cpu'" },
  device: { holds: isCount(0, mostInteger), wanted: `a whole number from 0 to ${mostInteger}` },
  library: { holds: isPath, wanted: 'the path of a file' },
  batchSizes: { holds: isBatchSizes, wanted: `a list of different whole numbers from 1 to ${mostInteger}` },
  pieceBytes: { holds: isPositive, wanted: 'a number of bytes above 0' },
  cacheFolder: { holds: isPath, wanted: 'the path of a folder' },
  threads: { holds: isCount(1, mostThreads), wanted: `a whole number from 1 to ${mostThreads}` },
  isolation: { holds: (value) => value === 'process' || value === 'thread', wanted: "'process' or 'thread'" },
  deadlineMilliseconds: { holds: isPositive, wanted: 'a number of milliseconds above 0' },
  workerEntry: { holds: (value) => value instanceof URL, wanted: 'a URL' },
};

/** @throws WebsslError `BACKEND_OPTION_INVALID` for an option out of range. */
export function checkOptions(options: CannOnnxOptions): void {
  for (const [option, { holds, wanted }] of Object.entries(rules) as [keyof CannOnnxOptions, Rule][]) {
    const value = options[option];
    if (value !== undefined && !holds(value)) throw invalid(option, value, wanted);
  }
  const { provider, device } = options;
  if (provider === 'cpu' && device !== undefined && device !== 0) {
    throw invalid('device', device, "0 where the provider is 'cpu'");
  }
}

function isBatchSizes(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(isCount(1, mostInteger)) &&
    new Set(value).size === value.length
  );
}

function invalid(option: string, value: unknown, wanted: string): WebsslError {
  return new WebsslError({
    code: 'BACKEND_OPTION_INVALID',
    message: `cannOnnx({ ${option}: ${inspect(value)} }): ${option} must be ${wanted}.`,
    details: { option, value },
  });
}
