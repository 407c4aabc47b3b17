import { median, percentile } from '@webssl/metrics';
import { bounds } from '../bounds.js';
import type { Check } from '../checks.js';
import { percent, range, ratio } from '../format.js';
import type { Section } from '../section.js';
import { AnswerBook, notRight } from '../server/answer-book.js';
import { type ClosedLoadRun, closedLoad } from '../server/closed-load.js';
import type { EncoderAlone } from '../server/encoder-alone.js';
import { type LivezWatch, startLivezWatch } from '../server/livez-watch.js';
import { watchModelShare } from '../server/model-share.js';
import { type ServerProcess, startServerProcess } from '../server/server-process.js';
import type { Subject } from '../subject.js';
import { type Turn, takeTurns } from '../turns.js';

export interface ServerLoadOptions {
  readonly encoder: EncoderAlone;
  readonly photographs: readonly Buffer[];
  /** How many clients ask at the same time, one number after the other. */
  readonly clients: readonly number[];
  readonly rounds: number;
  /** How long a turn takes at least once the queue is filled, in seconds. */
  readonly turnSeconds: number;
}

/** What one turn measured. */
interface Measured {
  readonly rate?: number;
  /** What the encoder alone does at that moment: the mean of its rates right before and right after. */
  readonly encoderRate?: number;
  /** How much of the cores the model has, and what of them it has in the encoder alone, as above. */
  readonly modelShare?: number | undefined;
  readonly encoderModelShare?: number | undefined;
  /** Seconds. */
  readonly latencies?: readonly number[];
}

type EncoderSpeed = Awaited<ReturnType<EncoderAlone['measure']>>;

/** Clients that keep the device busy while `/livez` is watched. */
const clientsOfWatch = 16;
/** Enough to warm up. */
const fewClients = 4;
const encoderId = 'the encoder alone';
const livezId = `GET /livez, ${clientsOfWatch} clients asking`;

/** How much of the encoder's rate is left over HTTP, and whether the server still answers at once. */
export async function serverLoad(
  subject: Subject,
  options: ServerLoadOptions,
  onProgress: (text: string) => void,
): Promise<Section> {
  const book = new AnswerBook(options.encoder.expected);
  onProgress('loading the server');
  const server = await startServerProcess(subject);
  try {
    const watch = await startLivezWatch(server.address, subject.folder);
    try {
      const turns = turnsOf(subject, options, server, watch, book).map((turn) => telling(turn, onProgress));
      const { results } = await takeTurns(turns, options.rounds, (round) =>
        onProgress(`server, round ${round} of ${options.rounds}`),
      );
      return section(subject, options, results, book);
    } finally {
      await watch.stop();
    }
  } finally {
    await server.stop();
  }
}

function turnsOf(
  { threads }: Subject,
  { encoder, photographs, clients, turnSeconds }: ServerLoadOptions,
  { address, processId }: ServerProcess,
  watch: LivezWatch,
  book: AnswerBook,
): Turn<Measured>[] {
  // As many as the encoder does in the time of a turn; it has the first one.
  let requestsOfTurn = 1;
  let before: EncoderSpeed = { rate: Number.NaN, modelShare: undefined };
  const ask = (count: number, requestsOfEach: number): Promise<ClosedLoadRun> =>
    closedLoad({ address, photographs, clients: count, requests: count * requestsOfEach, book });
  // The first request of each client only fills the queue.
  const askForATurn = (count: number) => ask(count, 1 + Math.ceil(requestsOfTurn / count));
  return [
    {
      id: encoderId,
      optional: false,
      measure: async () => {
        before = await encoder.measure();
        const { rate, modelShare } = before;
        requestsOfTurn = Math.ceil(rate * turnSeconds);
        return { rate, encoderRate: rate, modelShare, encoderModelShare: modelShare };
      },
    },
    ...clients.map((count) => ({
      id: nameOf(count),
      optional: false,
      warmUp: () => ask(Math.min(count, fewClients), 1),
      measure: async () => {
        const { result, modelShare } = await watchModelShare(processId, threads, () => askForATurn(count));
        // A machine may get faster or slower by more than what is measured, within a turn of some minutes.
        const [earlier, later] = [before, await encoder.measure()];
        before = later;
        return {
          rate: result.imagesPerSecond,
          latencies: result.latencies,
          encoderRate: (earlier.rate + later.rate) / 2,
          modelShare,
          encoderModelShare: meanOf(earlier.modelShare, later.modelShare),
        };
      },
    })),
    {
      id: livezId,
      optional: false,
      warmUp: async () => undefined,
      measure: async () => {
        const { milliseconds } = await watch.during(() => askForATurn(clientsOfWatch));
        return { latencies: milliseconds.map((time) => time / 1000) };
      },
    },
  ];
}

function meanOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : (one + other) / 2;
}

/** Tells what every turn measured: the whole takes long. */
function telling(turn: Turn<Measured>, onProgress: (text: string) => void): Turn<Measured> {
  return {
    ...turn,
    measure: async () => {
      const measured = await turn.measure();
      const { rate, encoderRate, modelShare } = measured;
      if (rate !== undefined && encoderRate !== undefined) {
        const ofCores = modelShare === undefined ? '' : `, the model has ${percent(modelShare)} of the cores`;
        onProgress(
          `${turn.id}: ${rate.toFixed(3)} images/s, ${ratio(rate / encoderRate)} of the encoder${ofCores}`,
        );
      }
      return measured;
    },
  };
}

type Results = ReadonlyMap<string, readonly Measured[]>;

function section(
  { bounded }: Subject,
  { clients, rounds, photographs }: ServerLoadOptions,
  results: Results,
  book: AnswerBook,
): Section {
  const { asked, right } = book.counts;
  const names = [encoderId, ...clients.map(nameOf), livezId];
  return {
    title: 'Server: one photograph a request over HTTP on loopback, CLS',
    header: [
      '',
      'images/s',
      'range',
      'of the encoder',
      'range',
      'model has',
      'of the encoder',
      'p50 s',
      'p99 s',
    ],
    rows: names.map((name) => {
      const rates = ratesOf(name, results);
      const latencies = latenciesOf(name, results);
      return [
        name,
        rates.length === 0 ? '' : median(rates).toFixed(3),
        rates.length === 0 ? '' : range(rates, 3),
        rates.length === 0 ? '' : ratio(median(ratesOfEncoder(name, results))),
        rates.length === 0 ? '' : range(ratesOfEncoder(name, results), 2),
        ...modelCells(modelSharesOf(name, results)),
        ...[0.5, 0.99].map((share) =>
          latencies.length === 0 ? '' : percentile(latencies, share).toFixed(3),
        ),
      ];
    }),
    notes: [
      `Medians of ${rounds} rounds in turn; "of the encoder" compares with what the encoder alone has, the mean of right before and right after. Percentiles over all rounds.`,
      'model has: the part of all cores that the model computes on, by the processor time of its process.',
      `${photographs.length} different JPEG files of two megapixels. Every client asks again as soon as it has its answer; its first answer does not count.`,
      `${asked} requests; ${right} answers have bit for bit the features that the encoder alone gives for their image.`,
      ...book.problems,
    ],
    checks: [
      ...(bounded ? rateChecks(clients, results) : []),
      { name: 'answers lost, wrong or mixed up', bound: { atMost: 0 }, measured: notRight(book.counts) },
    ],
    samples: Object.fromEntries(
      names.flatMap((name) => [
        [`${name}: images per second`, ratesOf(name, results)],
        [`${name}: seconds`, latenciesOf(name, results)],
      ]),
    ),
  };
}

function rateChecks(clients: readonly number[], results: Results): Check[] {
  return [
    ...clients.map((count) => ({
      name: `server rate / encoder rate, ${nameOf(count)}`,
      bound: { atLeast: bounds.serverOfEncoder },
      measured: median(ratesOfEncoder(nameOf(count), results)),
    })),
    ...clients.flatMap((count) => {
      const shares = modelSharesOf(nameOf(count), results).map(({ ofEncoder }) => ofEncoder);
      return shares.length === 0
        ? []
        : [
            {
              name: `cores for the model / in the encoder alone, ${nameOf(count)}`,
              bound: { atLeast: bounds.serverOfEncoder },
              measured: median(shares),
            },
          ];
    }),
    {
      name: '/livez while the device is saturated, p99',
      unit: 'ms',
      bound: { atMost: bounds.livezMilliseconds },
      measured: 1000 * percentile(latenciesOf(livezId, results), 0.99),
    },
  ];
}

/** In each round. */
function ratesOfEncoder(name: string, results: Results): number[] {
  return (results.get(name) ?? []).flatMap(({ rate, encoderRate }) =>
    rate === undefined || encoderRate === undefined ? [] : rate / encoderRate,
  );
}

interface ModelShare {
  readonly ofCores: number;
  readonly ofEncoder: number;
}

function modelSharesOf(name: string, results: Results): ModelShare[] {
  return (results.get(name) ?? []).flatMap(({ modelShare, encoderModelShare }) =>
    modelShare === undefined || encoderModelShare === undefined
      ? []
      : { ofCores: modelShare, ofEncoder: modelShare / encoderModelShare },
  );
}

function modelCells(shares: readonly ModelShare[]): string[] {
  if (shares.length === 0) return ['', ''];
  return [
    percent(median(shares.map(({ ofCores }) => ofCores))),
    ratio(median(shares.map(({ ofEncoder }) => ofEncoder))),
  ];
}

function ratesOf(name: string, results: Results): number[] {
  return (results.get(name) ?? []).flatMap(({ rate }) => rate ?? []);
}

function latenciesOf(name: string, results: Results): number[] {
  return (results.get(name) ?? []).flatMap(({ latencies }) => latencies ?? []);
}

function nameOf(clients: number): string {
  return clients === 1 ? '1 client' : `${clients} clients`;
}
