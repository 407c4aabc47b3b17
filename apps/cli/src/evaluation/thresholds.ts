import { readFile } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { parseThresholds, type Thresholds } from '@webssl/checker';

/** Bounds on the command line; they win over those of the file. */
export interface ThresholdOptions {
  readonly thresholds?: string;
  readonly maxNmse?: number;
  readonly minThroughput?: number;
  readonly maxLatency?: number;
  readonly minSpeedup?: number;
  readonly requireStable: boolean;
}

/** @throws WebsslError `CHECK_FILE_UNREADABLE`, `CHECK_THRESHOLDS_INVALID` */
export async function readThresholds(options: ThresholdOptions): Promise<Thresholds> {
  const { thresholds: file, maxNmse, minThroughput, maxLatency, minSpeedup, requireStable } = options;
  return {
    ...(file === undefined ? {} : parseThresholds(await readText(file))),
    ...(maxNmse === undefined ? {} : { maxNmse }),
    ...(minThroughput === undefined ? {} : { minImagesPerSecond: minThroughput }),
    ...(maxLatency === undefined ? {} : { maxLatencyMilliseconds: maxLatency }),
    ...(minSpeedup === undefined ? {} : { minSpeedUp: minSpeedup }),
    ...(requireStable ? { requireStable } : {}),
  };
}

/**
 * A file's text, `-` for stdin.
 *
 * @throws WebsslError `CHECK_FILE_UNREADABLE`
 */
export async function readText(path: string): Promise<string> {
  try {
    if (path !== '-') return await readFile(path, 'utf8');
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch (cause) {
    throw new WebsslError({
      code: 'CHECK_FILE_UNREADABLE',
      message: `${path === '-' ? 'stdin' : path} cannot be read: ${(cause as Error).message}`,
      cause,
    });
  }
}
