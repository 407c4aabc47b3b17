import { median } from '@webssl/metrics';
import { bounds } from '../bounds.js';
import { Contender } from '../contender.js';
import { range, ratio } from '../format.js';
import { builtProgram } from '../paths.js';
import type { Program } from '../program.js';
import type { Section } from '../section.js';
import { writePhotographs } from '../server/photographs.js';
import type { Subject } from '../subject.js';
import { type Turn, takeTurns } from '../turns.js';

export interface PhotographsOptions {
  /** Photographs that are embedded in all rounds together, by each way of doing it. */
  readonly photographs: number;
  readonly rounds: number;
}

/** Different files, used again and again. */
const differentFiles = 8;

const names = {
  model: 'model alone, prepared images',
  files: 'end to end, one session with all cores',
  sessions: 'end to end, one session a core',
} as const;

/** Photographs of two megapixels from file to feature, against what the model alone can do; and two ways to share out the cores. */
export async function photographs(
  subject: Subject,
  { photographs: total, rounds }: PhotographsOptions,
  onProgress: (text: string) => void,
): Promise<Section> {
  onProgress('writing photographs');
  const folder = await writePhotographs(subject.photograph, subject.folder, differentFiles);
  // A round needs a photograph.
  const blocks = Math.min(rounds, total);
  const contenders: Contender[] = [];
  const start = async (sessions: number) => {
    onProgress(`loading ${sessions === 1 ? 'one session' : `${sessions} sessions`}`);
    const contender = await Contender.start(
      `${sessions} sessions`,
      program(subject, folder, { sessions, images: total, blocks }),
    );
    contenders.push(contender);
    return contender;
  };
  try {
    const one = await start(1);
    const turn = (id: string, contender: Contender, task: string): Turn<number> => ({
      id,
      optional: false,
      measure: () => contender.run(task, 'imagesPerSecond'),
      // All sessions have encoded photographs when they are ready, and every block counts.
      warmUp: async () => undefined,
    });
    const turns = [turn(names.model, one, 'model'), turn(names.files, one, 'files')];
    if (subject.threads > 1) turns.push(turn(names.sessions, await start(subject.threads), 'files'));
    const { results } = await takeTurns(turns, blocks, (round) =>
      onProgress(`photographs, round ${round} of ${blocks}`),
    );
    return section(subject, results, { images: total, blocks });
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
}

function section(
  { bounded }: Subject,
  results: ReadonlyMap<string, readonly number[]>,
  { images, blocks }: { readonly images: number; readonly blocks: number },
): Section {
  // Round by round, because a machine may get faster or slower from one to the next.
  const ofModel = (name: string) =>
    median(
      (results.get(name) ?? []).map(
        (rate, round) => rate / (results.get(names.model)?.[round] ?? Number.NaN),
      ),
    );
  return {
    title: 'Photographs of two megapixels to CLS: end to end against the model alone',
    header: ['', 'images/s', 'range', 'of the model alone'],
    rows: [...results].map(([name, rates]) => [
      name,
      median(rates).toFixed(3),
      range(rates, 3),
      ratio(ofModel(name)),
    ]),
    notes: [
      `${images} images each, in ${blocks} blocks in turn; FP32, mode coldStart, so that all sessions share one mapping of the weights.`,
      'Compared round by round; the median of that.',
      `Every feature vector is bit for bit the one that its photograph has alone.`,
      ...sessionsNote(results),
    ],
    checks: bounded
      ? [
          {
            name: 'end to end / model alone',
            bound: { atLeast: bounds.photographsOfModel },
            measured: ofModel(names.files),
          },
        ]
      : [],
    samples: Object.fromEntries([...results].map(([name, rates]) => [`${name}: images per second`, rates])),
  };
}

function sessionsNote(results: ReadonlyMap<string, readonly number[]>): string[] {
  const sessions = results.get(names.sessions);
  if (sessions === undefined) return [];
  const gain = median(sessions) / median(results.get(names.files) ?? []);
  const faster = gain > 1 ? 'One session a core' : 'One session with all cores';
  return [
    `${faster} was faster here: one a core (sessions of the encoder, --sessions of the server) has ${ratio(gain)} of the rate of one with all cores.`,
    'The default is one session with all cores.',
  ];
}

function program(
  { model, threads, pixels, size }: Subject,
  folder: string,
  { sessions, images, blocks }: Readonly<Record<'sessions' | 'images' | 'blocks', number>>,
): Program {
  return {
    command: process.execPath,
    parameters: [
      builtProgram('encoder-photographs'),
      ...['--model', model],
      ...['--threads', `${threads}`],
      ...['--sessions', `${sessions}`],
      ...['--photographs', folder],
      ...['--pixels', pixels],
      ...['--height', `${size.height}`],
      ...['--width', `${size.width}`],
      ...['--images', `${images}`],
      ...['--blocks', `${blocks}`],
    ],
  };
}
