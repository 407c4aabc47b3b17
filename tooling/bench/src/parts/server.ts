import type { Section } from '../section.js';
import { startEncoderAlone } from '../server/encoder-alone.js';
import { readPhotographs, writePhotographs } from '../server/photographs.js';
import type { Subject } from '../subject.js';
import { serverLoad } from './server-load.js';
import { serverOverload } from './server-overload.js';

export interface ServerPartOptions {
  /** How many different ones are sent. */
  readonly photographs: number;
  readonly clients: readonly number[];
  readonly rounds: number;
  /** How long a turn takes at least, in seconds. */
  readonly turnSeconds: number;
  /** How long twice the capacity is asked for, in seconds. */
  readonly overloadSeconds: number;
}

/** The server as a process on loopback, against the encoder alone on the same files. */
export async function serverUnderLoad(
  subject: Subject,
  { photographs: count, clients, rounds, turnSeconds, overloadSeconds }: ServerPartOptions,
  onProgress: (text: string) => void,
): Promise<Section[]> {
  onProgress('writing photographs');
  const folder = await writePhotographs(subject.photograph, subject.folder, count);
  const photographs = await readPhotographs(folder);
  onProgress('loading the encoder alone');
  const encoder = await startEncoderAlone(subject, folder, turnSeconds);
  try {
    return [
      await serverLoad(subject, { encoder, photographs, clients, rounds, turnSeconds }, onProgress),
      await serverOverload(subject, { encoder, photographs, seconds: overloadSeconds }, onProgress),
    ];
  } finally {
    await encoder.stop();
  }
}
