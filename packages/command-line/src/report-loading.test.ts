import type { LoadEncoderOptions } from '@webssl/encoder';
import { expect, it } from 'vitest';
import { reportLoading } from './report-loading.js';
import { RecordedTerminal } from './testing/recorded-terminal.js';

const { signal } = new AbortController();
const defaults = { offline: false, device: 'cpu', exif: 'ignore', resize: 'exact' } as const;
const progress = {
  kind: 'progress',
  presentBytes: 1_000_000,
  totalBytes: 4_000_000,
  bytesPerSecond: 500_000,
  secondsLeft: 6,
} as const;

/** The options that the encoder is given, but for the listeners. */
async function given(options: Parameters<typeof reportLoading>[0]): Promise<Partial<LoadEncoderOptions>> {
  const all = await reportLoading(options, new RecordedTerminal(), signal, async (found) => found);
  const { onCompilerLine, onProgress, onPull, onQuantizeProgress, ...others } = all;
  expect([onCompilerLine, onProgress, onPull, onQuantizeProgress]).not.toContain(undefined);
  return others;
}

it('passes on nothing that was not asked for', async () => {
  expect(await given(defaults)).toEqual({ device: 'cpu', exif: 'ignore', resize: 'exact', signal });
});

it('passes on every option under the name that the encoder has for it', async () => {
  expect(
    await given({
      ...{
        revision: 'v1',
        endpoint: 'http://127.0.0.1:1',
        cacheDir: 'cache',
        tokenFile: 'token',
        offline: true,
      },
      ...{ device: 'npu:fp16', imageSize: 448, threads: 2, offlineModel: 'compiled', isolation: 'thread' },
      ...{ exif: 'apply', resize: 'fast' },
    }),
  ).toEqual({
    ...{
      revision: 'v1',
      endpoint: 'http://127.0.0.1:1',
      hubCacheFolder: 'cache',
      tokenFile: 'token',
      offline: true,
    },
    ...{
      device: 'acl-native:fp16',
      imageSize: 448,
      threads: 2,
      offlineModel: 'compiled',
      isolation: 'thread',
    },
    ...{ exif: 'apply', resize: 'fast', signal },
  });
});

it('refuses an offline model on a device that takes none, before anything is loaded', async () => {
  const loading = reportLoading(
    { ...defaults, offlineModel: 'compiled' },
    new RecordedTerminal(),
    signal,
    () => {
      throw new Error('loaded');
    },
  );
  await expect(loading).rejects.toMatchObject({ code: 'DEVICE_SPECIFICATION_INVALID' });
});

it('tells what goes on, and returns what was loaded', async () => {
  const terminal = new RecordedTerminal();
  const loaded = await reportLoading(
    defaults,
    terminal,
    signal,
    async ({ onPull, onProgress, onQuantizeProgress, onCompilerLine }) => {
      onPull?.(progress);
      onProgress?.({ writtenBytes: 1_000_000, totalBytes: 2_000_000 });
      onQuantizeProgress?.({ done: 158_000_000, total: 632_000_000 });
      onQuantizeProgress?.({ done: 632_000_000, total: 632_000_000 });
      onCompilerLine?.('ATC start working now');
      return 'the encoder';
    },
  );
  expect(loaded).toBe('the encoder');
  expect(terminal.statuses).toEqual([
    'Fetching 25 % 1 MB of 4 MB, 500.0 kB/s, 6 s left',
    'Writing synthetic weights 1/2 MB',
    'Making int8 weights 158/632 million',
    'Making int8 weights 632/632 million',
    'stopped',
    'atc: ATC start working now',
    'stopped',
  ]);
  expect(terminal.notes).toEqual([
    'Compiling the model for the NPU with atc; for the large models that takes minutes.',
  ]);
  expect(terminal.results).toEqual([]);
});

it('clears the line that tells of fetching when loading fails', async () => {
  const terminal = new RecordedTerminal();
  const loading = reportLoading(defaults, terminal, signal, async ({ onPull }) => {
    onPull?.(progress);
    throw new Error('the connection broke');
  });
  await expect(loading).rejects.toThrow('the connection broke');
  expect(terminal.statuses.at(-1)).toBe('stopped');
});
