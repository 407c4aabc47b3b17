import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { median } from '@webssl/metrics';
import { bounds } from '../bounds.js';
import { cameraSize, writeCameraPhotograph } from '../camera-photograph.js';
import type { Check } from '../checks.js';
import { Contender } from '../contender.js';
import { range, ratio } from '../format.js';
import { builtProgram } from '../paths.js';
import { absenceNotes, absences, isPeer, type MissingPeer, type Peer } from '../peers/peer.js';
import type { Section } from '../section.js';
import type { Subject } from '../subject.js';
import { reasonOf, type Turn, takeTurns } from '../turns.js';

/** Images in one measurement of several at once. */
const together = 4 * availableParallelism();

/** What `preprocessing-times` does, each in milliseconds. */
const ownTasks = ['decode', 'exact', 'fast', 'several', 'longestBlock'] as const;

/** From a 2-megapixel JPEG to pixel values. */
export async function preprocessing(
  subject: Subject,
  peers: readonly (Peer | MissingPeer)[],
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Section> {
  const image = join(subject.folder, 'two-megapixels.jpg');
  await writeCameraPhotograph(subject.photograph, image);

  const reasons = absences(peers);
  const contenders: Contender[] = [];
  try {
    onProgress('loading the preprocessor');
    const own = await Contender.start('preprocessing', ownProgram(subject, image));
    contenders.push(own);
    const turns: Turn<number>[] = ownTasks.map((id) => ({
      id,
      optional: false,
      measure: () => own.run(id, 'milliseconds'),
    }));
    for (const { id, name, preprocessing: program } of peers.filter(isPeer)) {
      if (program === undefined) continue;
      try {
        const contender = await Contender.start(name, program(image));
        contenders.push(contender);
        turns.push({ id, optional: true, measure: () => contender.run('prepare', 'milliseconds') });
      } catch (error) {
        reasons.set(id, reasonOf(error));
      }
    }
    const { results, dropped } = await takeTurns(turns, rounds, (round) =>
      onProgress(`preprocessing, round ${round} of ${rounds}`),
    );
    for (const [id, reason] of dropped) reasons.set(id, reason);
    return section(subject, peers, results, reasons);
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
}

function section(
  { bounded }: Subject,
  peers: readonly (Peer | MissingPeer)[],
  results: ReadonlyMap<string, readonly number[]>,
  reasons: ReadonlyMap<string, string>,
): Section {
  const samples = (id: string) => results.get(id) ?? [];
  const decode = median(samples('decode'));
  const row = (name: string, milliseconds: readonly number[]) => [
    name,
    median(milliseconds).toFixed(1),
    range(milliseconds, 1),
    (1000 / median(milliseconds)).toFixed(1),
    ratio(median(milliseconds) / decode),
  ];
  const severalEach = samples('several').map((milliseconds) => milliseconds / together);
  const python = results.get('python');
  const pythonName = peers.find(({ id }) => id === 'python')?.name ?? '';
  return {
    title: `Preprocessing: a JPEG of ${cameraSize.width} x ${cameraSize.height} to pixel values`,
    header: ['', 'ms an image', 'range', 'images/s', 'of decoding'],
    rows: [
      row('sharp, decoding alone', samples('decode')),
      row('webssl, exact', samples('exact')),
      row(`webssl, exact, ${together} at once`, severalEach),
      row("webssl, resize: 'fast'", samples('fast')),
      ...(python === undefined ? [] : [row(pythonName, python)]),
    ],
    notes: [
      'From a file; one process, medians in turn.',
      `The event loop was blocked for at most ${Math.max(...samples('longestBlock')).toFixed(1)} ms.`,
      ...absenceNotes(
        peers.filter(({ id }) => id === 'python'),
        reasons,
      ),
    ],
    checks: bounded ? checks(results, reasons) : [],
    samples: Object.fromEntries([...results].map(([id, values]) => [`${id}: milliseconds`, values])),
  };
}

function checks(
  results: ReadonlyMap<string, readonly number[]>,
  reasons: ReadonlyMap<string, string>,
): Check[] {
  const exact = median(results.get('exact') ?? []);
  const python = results.get('python');
  return [
    {
      name: "exact preprocessing / the reference processor's",
      bound: { atMost: bounds.preprocessingOfPython },
      measured: python === undefined ? { missing: reasons.get('python') ?? '' } : exact / median(python),
    },
    {
      name: 'exact preprocessing / decoding alone',
      bound: { atMost: bounds.preprocessingOfDecoding },
      measured:
        python === undefined
          ? exact / median(results.get('decode') ?? [])
          : { missing: 'applies where no Python is' },
    },
    {
      name: 'longest block of the event loop',
      unit: 'ms',
      bound: { atMost: bounds.eventLoopMilliseconds },
      measured: Math.max(...(results.get('longestBlock') ?? [])),
    },
  ];
}

function ownProgram({ checkpoint }: Subject, image: string) {
  return {
    command: process.execPath,
    parameters: [
      builtProgram('preprocessing-times'),
      ...['--processor', join(checkpoint.folder, 'preprocessor_config.json')],
      ...['--image', image],
      ...['--together', `${together}`],
    ],
  };
}
