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
  readonly requireComparedBatches: boolean;
}

/** @throws WebsslError `CHECK_FILE_UNREADABLE`, `CHECK_THRESHOLDS_INVALID` */
export async function readThresholds(options: ThresholdOptions): Promise<Thresholds> {
  const { thresholds: file, maxNmse, minThroughput, maxLatency, minSpeedup } = options;
  const { requireStable, requireComparedBatches } = options;
  return {
    ...(file === undefined ? {} : parseThresholds(await readText(file))),
    ...(maxNmse === undefined ? {} : { maxNmse }),
    ...(minThroughput === undefined ? {} : { minImagesPerSecond: minThroughput }),
    ...(maxLatency === undefined ? {} : { maxLatencyMilliseconds: maxLatency }),
    ...(minSpeedup === undefined ? {} : { minSpeedUp: minSpeedup }),
    ...(requireStable ? { requireStable } : {}),
    ...(requireComparedBatches ? { requireComparedBatches } : {}),
  };
}

/**
 * A file's text, `-` for stdin.
 *
 * @throws WebsslError `CHECK_FILE_UNREADABLE`
 */
export async function readText(path: string): Promise<string> {
  try {
    const bytes = path === '-' ? await readStdin() : await readFile(path);
    // What PowerShell's > and tee write.
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return bytes.toString(isUtf16 ? 'utf16le' : 'utf8');
  } catch (cause) {
    throw new WebsslError({
      code: 'CHECK_FILE_UNREADABLE',
      message: `${path === '-' ? 'stdin' : path} cannot be read: ${(cause as Error).message}. Name a file, or - for what is piped in.`,
      cause,
    });
  }
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}
