import { freemem } from 'node:os';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { median, nmse } from '@webssl/metrics';
import { bounds } from '../bounds.js';
import type { Check } from '../checks.js';
import { Contender } from '../contender.js';
import { readFloats } from '../float-file.js';
import { gigabytes, range, ratio, scientific } from '../format.js';
import { mirroredRatios } from '../mirrored-ratio.js';
import { modelProducts } from '../model-products.js';
import { builtProgram } from '../paths.js';
import { absenceNotes, absences, isPeer, type MissingPeer, type Peer } from '../peers/peer.js';
import { type OwnVariant, websslSteady } from '../peers/webssl.js';
import type { Program } from '../program.js';
import type { Section } from '../section.js';
import type { Subject } from '../subject.js';
import { reasonOf, type Turn, takeTurns } from '../turns.js';
import { lacksVnni } from '../vnni.js';

/** Someone who encodes prepared pixel values again and again. */
interface Encoding {
  readonly id: string;
  readonly name: string;
  readonly program: Program;
  /** File of the `last_hidden_state` that it computed. */
  readonly features: string;
  readonly optional: boolean;
  /** Whether it does all the arithmetic of the model in FP32: only then do operations per second say something. */
  readonly isWhole: boolean;
}

const ownId = 'webssl throughput';
const int8Id = 'webssl int8';
const clsId = 'webssl CLS only';
const clsSamples = 'webssl CLS only: of the time of webssl throughput';

const ownVariants: Readonly<Record<string, OwnVariant>> = {
  [ownId]: { device: 'cpu', mode: 'throughput', output: 'last_hidden_state' },
  'webssl coldStart': { device: 'cpu', mode: 'coldStart', output: 'last_hidden_state' },
  [clsId]: { device: 'cpu', mode: 'throughput', output: 'cls' },
  [int8Id]: { device: 'cpu:int8', mode: 'throughput', output: 'last_hidden_state' },
};

/** Time of one image once everything is loaded, and how near that comes to the runtime's own matrix product. */
export async function steadyState(
  subject: Subject,
  peers: readonly (Peer | MissingPeer)[],
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Section> {
  const encodings = [
    ...Object.entries(ownVariants).map(([id, variant]) => ownEncoding(id, variant, subject)),
    ...peers.filter(isPeer).map((peer) => peerEncoding(peer, subject)),
  ];
  const reasons = absences(peers);
  const products = modelProducts(productSizes(subject));
  const contenders: Contender[] = [];
  const start = async (name: string, program: Program) => {
    onProgress(`loading ${name}`);
    const contender = await Contender.start(name, program);
    contenders.push(contender);
    return contender;
  };
  try {
    const turns: Turn<number>[] = [];
    for (const { id, name, program, optional } of encodings) {
      try {
        if (optional) requireMemory(subject);
        const contender = await start(name, program);
        turns.push({
          id,
          optional,
          measure: async () => (await contender.run('encode', 'milliseconds')) / 1000,
        });
      } catch (error) {
        if (!optional) throw error;
        reasons.set(id, reasonOf(error));
      }
    }
    const runtime = await start('matrix products', productProgram(subject));
    turns.push(
      ...products.map(({ name }) => ({
        id: name,
        optional: false,
        measure: () => runtime.run(name, 'operationsPerSecond'),
      })),
    );
    const { results, dropped } = await takeTurns(turns, rounds, (round) =>
      onProgress(`steady state, round ${round} of ${rounds}`),
    );
    for (const [id, reason] of dropped) reasons.set(id, reason);
    onProgress('CLS only and the full state in turn');
    const durationOf = (id: string) => turns.find((turn) => turn.id === id)?.measure ?? noSuchTurn;
    const clsRatios = await mirroredRatios(rounds, durationOf(ownId), durationOf(clsId));
    const rates = products.map(({ name }) => ({ name, rate: median(results.get(name) ?? []) }));
    return await section({ subject, peers, encodings, results, clsRatios, rates, reasons, rounds });
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
}

interface Findings {
  readonly subject: Subject;
  readonly peers: readonly (Peer | MissingPeer)[];
  readonly encodings: readonly Encoding[];
  /** Seconds of the encodings, operations per second of the products. */
  readonly results: ReadonlyMap<string, readonly number[]>;
  /** Time of CLS only by that of the full state. */
  readonly clsRatios: readonly number[];
  readonly rates: readonly { readonly name: string; readonly rate: number }[];
  readonly reasons: ReadonlyMap<string, string>;
  readonly rounds: number;
}

async function section(findings: Findings): Promise<Section> {
  const { subject, peers, encodings, results, clsRatios, rates, reasons, rounds } = findings;
  const operations = subject.operations.total;
  const best = Math.max(...rates.map(({ rate }) => rate));
  const own = median(results.get(ownId) ?? []);
  const ownFeatures = await readFloats(featuresFile(ownId, subject));
  const finished = encodings.filter(({ id }) => results.has(id));
  // CLS alone are the first numbers of the full state.
  const errorOf = async (features: string) => {
    const values = await readFloats(features);
    return nmse(values, ownFeatures.subarray(0, values.length));
  };
  const rows = finished.map(async ({ id, name, features, isWhole }) => {
    const seconds = results.get(id) ?? [];
    const rate = operations / median(seconds);
    return [
      name,
      median(seconds).toFixed(3),
      range(seconds, 2),
      isWhole ? (rate / 1e9).toFixed(0) : '',
      isWhole ? ratio(rate / best) : '',
      ratio(own / median(seconds)),
      id === ownId ? '' : scientific(await errorOf(features)),
    ];
  });
  const int8Error = await errorOf(featuresFile(int8Id, subject));
  const productRows = rates.map(({ name, rate }) => [
    `onnxruntime ${name}`,
    ...['', ''],
    (rate / 1e9).toFixed(0),
    ratio(rate / best),
  ]);
  return {
    title: 'Steady state: one image, from pixel values to last_hidden_state, FP32 where nothing is said',
    header: ['', 'seconds', 'range', 'GFLOP/s', 'of MatMul', 'webssl / it', 'NMSE to webssl'],
    rows: [...(await Promise.all(rows)), ...productRows],
    notes: [
      `Medians of ${rounds} rounds in turn, each program with ${subject.threads} threads in a process of its own.`,
      `One image is ${(operations / 1e9).toFixed(1)} GFLOP: ${describeOperations(subject)}.`,
      'MatMul is the fastest of the matrix products with constant weights in the same runtime, shapes of the model.',
      `CLS only is FP32 in mode throughput. Measured right beside each other it takes ${ratio(median(clsRatios))} of the time of the full state (${range(clsRatios, 3)}).`,
      'int8 has the linear layers in whole numbers; `webssl tune` says what that costs on a model of yours.',
      ...absenceNotes(peers, reasons),
    ],
    checks: subject.bounded ? checks(findings, own, operations / own / best, int8Error) : [],
    samples: {
      ...Object.fromEntries(
        [...results].map(([id, values]) => [
          `${id}: ${encodings.some((encoding) => encoding.id === id) ? 'seconds' : 'operations per second'}`,
          values,
        ]),
      ),
      [clsSamples]: clsRatios,
    },
  };
}

function checks(
  { results, clsRatios, reasons }: Findings,
  own: number,
  ofMatmul: number,
  int8Error: number,
): Check[] {
  const python = results.get('python');
  const noPython = { missing: reasons.get('python') ?? '' };
  const timeOf = (id: string) => median(results.get(id) ?? []);
  return [
    { name: 'steady rate / MatMul rate', bound: { atLeast: bounds.rateOfMatmul }, measured: ofMatmul },
    {
      name: "steady time / PyTorch's",
      bound: { atMost: bounds.steadyOfPython },
      measured: python === undefined ? noPython : own / median(python),
    },
    {
      name: 'CLS-only time / full state',
      bound: { atMost: bounds.clsOfFullState },
      measured: median(clsRatios),
    },
    {
      name: "int8 time / PyTorch's in FP32",
      bound: { atMost: bounds.int8OfPython },
      measured: lacksVnni() ?? (python === undefined ? noPython : timeOf(int8Id) / median(python)),
    },
    { name: 'int8 NMSE to FP32', bound: { atMost: bounds.int8Nmse }, measured: int8Error },
  ];
}

function describeOperations({ operations }: Subject): string {
  const { patchEmbedding, projections, attention, feedForward } = operations;
  const parts = { projections, 'feed-forward': feedForward, attention, 'patch embedding': patchEmbedding };
  return Object.entries(parts)
    .map(([name, count]) => `${name} ${(count / 1e9).toFixed(1)}`)
    .join(', ');
}

function ownEncoding(id: string, variant: OwnVariant, subject: Subject): Encoding {
  const features = featuresFile(id, subject);
  return {
    id,
    name: id,
    program: websslSteady(subject, variant, features),
    features,
    optional: false,
    isWhole: variant.device === 'cpu' && variant.output === 'last_hidden_state',
  };
}

function peerEncoding({ id, name, steady }: Peer, subject: Subject): Encoding {
  const features = featuresFile(id, subject);
  return { id, name, program: steady(features), features, optional: true, isWhole: true };
}

function featuresFile(id: string, { folder }: Subject): string {
  return join(folder, `steady ${id}.f32`);
}

function noSuchTurn(): Promise<never> {
  throw new Error('one that is compared has not been loaded');
}

/** All stay loaded at once. One that packs its weights holds them twice while it loads. */
function requireMemory({ weightBytes }: Subject): void {
  const needed = 2 * weightBytes + 1e9;
  if (freemem() >= needed) return;
  throw new WebsslError({
    code: 'BENCH_MEMORY_SHORT',
    message: `it needs ${gigabytes(needed)} of free memory beside the others; there are ${gigabytes(freemem())}`,
  });
}

function productSizes({ checkpoint, size }: Subject) {
  const { patchSize, hiddenSize, feedForwardSize } = checkpoint.config;
  const tokens = (size.height / patchSize) * (size.width / patchSize) + 1;
  return { tokens, hiddenSize, feedForwardSize };
}

function productProgram(subject: Subject): Program {
  const { tokens, hiddenSize, feedForwardSize } = productSizes(subject);
  return {
    command: process.execPath,
    parameters: [
      builtProgram('matmul-rate'),
      ...['--tokens', `${tokens}`],
      ...['--hidden-size', `${hiddenSize}`],
      ...['--feed-forward-size', `${feedForwardSize}`],
      ...['--threads', `${subject.threads}`],
    ],
  };
}
