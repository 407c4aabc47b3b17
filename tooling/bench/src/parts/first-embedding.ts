import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { median, nmse } from '@webssl/metrics';
import { readNpy } from '@webssl/tensor-files';
import { bounds } from '../bounds.js';
import type { Check } from '../checks.js';
import { readFloats } from '../float-file.js';
import { folderSize } from '../folder-size.js';
import { gigabytes, range, ratio, scientific } from '../format.js';
import { absenceNotes, absences, isPeer, type MissingPeer, type Peer } from '../peers/peer.js';
import { websslFirst } from '../peers/webssl.js';
import { canReadProcessTree } from '../process-tree.js';
import { type Program, peakMemory, timeProgram } from '../program.js';
import type { Section } from '../section.js';
import type { Subject } from '../subject.js';
import { takeTurns } from '../turns.js';
import { lacksVnni } from '../vnni.js';

/** A program that makes one embedding, and where it puts it. */
interface Embedding {
  readonly id: string;
  readonly name: string;
  readonly program: Program;
  features(): Promise<Float32Array>;
}

/** Largest memory of a program and all it starts, in bytes. */
interface Peak {
  readonly resident: number;
  readonly proportional: number;
}

const ownId = 'webssl';
const int8Id = 'webssl int8';

/** First embedding from process start: time, memory and disk of everyone, and how much the results differ. */
export async function firstEmbedding(
  subject: Subject,
  peers: readonly (Peer | MissingPeer)[],
  runs: number,
  onProgress: (text: string) => void,
): Promise<Section> {
  const own = ownEmbedding(subject);
  const embeddings = [
    own,
    int8Embedding(subject),
    ...peers.filter(isPeer).map((peer) => peerEmbedding(peer, subject)),
  ];

  onProgress('what the first embedding writes');
  const written = await bytesWritten(subject);
  const { results: times, dropped } = await takeTurns(
    embeddings.map(({ id, program }) => ({
      id,
      optional: id !== ownId && id !== int8Id,
      measure: () => timeProgram(program),
    })),
    runs,
    (round) => onProgress(`first embedding, round ${round} of ${runs}`),
  );
  const finished = embeddings.filter(({ id }) => times.has(id));
  const peaks = new Map<string, Peak>();
  for (const { id, name, program } of canReadProcessTree() ? finished : []) {
    onProgress(`memory of ${name}`);
    const resident = [await peakMemory(program, 'resident'), await peakMemory(program, 'resident')];
    peaks.set(id, {
      resident: Math.max(...resident),
      proportional: await peakMemory(program, 'proportional'),
    });
  }

  const reasons = new Map([...absences(peers), ...dropped]);
  return {
    title: 'First embedding from process start',
    header: ['', 'seconds', 'range', 'webssl / it', 'resident', 'proportional', 'NMSE to webssl'],
    rows: await tableRows(finished, own, times, peaks),
    notes: [
      `A fresh process each time: one photograph to CLS features in a file. Median of ${runs} rounds, page cache warm.`,
      'Peak memory of all processes at one instant, looked at every 20 ms in runs of their own; resident counts shared pages once a process.',
      'The NMSE includes the different preprocessing of the peer.',
      'The int8 weights were made before, in the round that warms up.',
      ...absenceNotes(peers, reasons),
    ],
    checks: subject.bounded ? checks(times, reasons.get('python'), peaks.get(ownId), written, subject) : [],
    samples: Object.fromEntries([
      ...[...times].map(([id, seconds]) => [`${id}: seconds`, seconds] as const),
      ...[...peaks].map(([id, { resident }]) => [`${id}: peak resident bytes`, [resident]] as const),
      ...[...peaks].map(
        ([id, { proportional }]) => [`${id}: peak proportional bytes`, [proportional]] as const,
      ),
      ['webssl: bytes written to caches and temporary folders', [written]],
    ]),
  };
}

function ownEmbedding(subject: Subject): Embedding {
  const file = join(subject.folder, 'first-webssl.npy');
  return {
    id: ownId,
    name: 'webssl embed',
    program: websslFirst(subject, file),
    features: async () => (await readNpy(file)).data,
  };
}

function int8Embedding(subject: Subject): Embedding {
  const file = join(subject.folder, 'first-webssl-int8.npy');
  return {
    id: int8Id,
    name: 'webssl embed --device cpu:int8',
    program: websslFirst(subject, file, 'cpu:int8'),
    features: async () => (await readNpy(file)).data,
  };
}

function peerEmbedding({ id, name, first }: Peer, { folder }: Subject): Embedding {
  const file = join(folder, `first-${id}.f32`);
  return { id, name, program: first(file), features: () => readFloats(file) };
}

/** With caches and temporary folders that are new and empty, everything that a program keeps shows. */
async function bytesWritten(subject: Subject): Promise<number> {
  const folder = join(subject.folder, 'empty');
  await mkdir(folder);
  const program = websslFirst(
    { ...subject, model: resolve(subject.checkpoint.folder) },
    join(subject.folder, 'first-webssl.npy'),
  );
  const variables = ['TMPDIR', 'TEMP', 'TMP', 'WEBSSL_CACHE', 'XDG_CACHE_HOME', 'HF_HOME'];
  await timeProgram({
    ...program,
    folder,
    environment: Object.fromEntries(variables.map((name) => [name, folder])),
  });
  return folderSize(folder);
}

function tableRows(
  embeddings: readonly Embedding[],
  own: Embedding,
  times: ReadonlyMap<string, readonly number[]>,
  peaks: ReadonlyMap<string, Peak>,
): Promise<string[][]> {
  const ownTime = median(times.get(own.id) ?? []);
  return Promise.all(
    embeddings.map(async ({ id, name, features }) => {
      const seconds = times.get(id) ?? [];
      const peak = peaks.get(id);
      return [
        name,
        median(seconds).toFixed(2),
        range(seconds, 2),
        ratio(ownTime / median(seconds)),
        peak === undefined ? '?' : gigabytes(peak.resident),
        peak === undefined ? '?' : gigabytes(peak.proportional),
        id === own.id ? '' : scientific(nmse(await features(), await own.features())),
      ];
    }),
  );
}

function checks(
  times: ReadonlyMap<string, readonly number[]>,
  noPython: string | undefined,
  peak: Peak | undefined,
  written: number,
  { weightBytes }: Subject,
): Check[] {
  const own = median(times.get(ownId) ?? []);
  const python = times.get('python');
  return [
    {
      name: "first embedding / Python's",
      bound: { atMost: bounds.firstOfPython },
      measured: python === undefined ? { missing: noPython ?? '' } : own / median(python),
    },
    {
      name: "int8 first embedding / Python's",
      bound: { atMost: bounds.int8FirstOfPython },
      measured:
        lacksVnni() ??
        (python === undefined
          ? { missing: noPython ?? '' }
          : median(times.get(int8Id) ?? []) / median(python)),
    },
    {
      name: 'first embedding',
      unit: 's',
      bound: { atMost: bounds.firstSeconds },
      measured: python === undefined ? own : { missing: 'applies where no Python is' },
    },
    {
      name: 'peak resident memory of all processes',
      unit: 'GB',
      bound: { atMost: bounds.residentGigabytes },
      measured: peak === undefined ? { missing: 'needs the /proc of Linux' } : peak.resident / 1e9,
    },
    {
      name: 'bytes written to disk / weights',
      bound: { atMost: bounds.writtenOfWeights },
      measured: written / weightBytes,
    },
  ];
}
