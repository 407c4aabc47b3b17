import { join } from 'node:path';
import { Contender } from '../contender.js';
import { readFloats } from '../float-file.js';
import { builtProgram } from '../paths.js';
import type { Subject } from '../subject.js';
import { watchModelShare } from './model-share.js';

/** The encoder without a server, in a process of its own. */
export interface EncoderAlone {
  /** What it makes of each photograph, computed one by one. */
  readonly expected: readonly Float32Array[];
  /** Images a second in the steady state of `encodeAll`, and the model's share of the cores meanwhile. */
  measure(): Promise<{ readonly rate: number; readonly modelShare: number | undefined }>;
  stop(): Promise<void>;
}

/**
 * Loads an encoder as the server does and has it compute every photograph once.
 *
 * @param photographs folder
 * @param seconds how long it encodes to find its rate
 * @throws WebsslError `BENCH_PROGRAM_FAILED`
 */
export async function startEncoderAlone(
  { model, threads, folder, checkpoint }: Subject,
  photographs: string,
  seconds: number,
): Promise<EncoderAlone> {
  const features = join(folder, 'server-features.f32');
  const contender = await Contender.start('the encoder alone', {
    command: process.execPath,
    parameters: [
      ...[builtProgram('encoder-rate'), '--model', model, '--threads', `${threads}`],
      ...['--photographs', photographs, '--features', features, '--seconds', `${seconds}`],
    ],
  });
  const all = await readFloats(features);
  const { hiddenSize } = checkpoint.config;
  return {
    expected: Array.from({ length: all.length / hiddenSize }, (_, image) =>
      all.subarray(image * hiddenSize, (image + 1) * hiddenSize),
    ),
    async measure() {
      const { result, modelShare } = await watchModelShare(contender.processId ?? 0, threads, () =>
        contender.run('encode', 'imagesPerSecond'),
      );
      return { rate: result, modelShare };
    },
    stop: () => contender.stop(),
  };
}
