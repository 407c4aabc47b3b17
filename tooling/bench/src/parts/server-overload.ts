import { percentile } from '@webssl/metrics';
import { bounds } from '../bounds.js';
import type { Check } from '../checks.js';
import { gigabytes, ratio } from '../format.js';
import type { Section } from '../section.js';
import { AnswerBook, notRight } from '../server/answer-book.js';
import type { EncoderAlone } from '../server/encoder-alone.js';
import { type LivezWatch, startLivezWatch } from '../server/livez-watch.js';
import { slopeOf, watchMemory } from '../server/memory-watch.js';
import { type OpenLoadRun, openLoad } from '../server/open-load.js';
import { type ServerProcess, startServerProcess } from '../server/server-process.js';
import type { Subject } from '../subject.js';

export interface ServerOverloadOptions {
  readonly encoder: EncoderAlone;
  readonly photographs: readonly Buffer[];
  readonly seconds: number;
}

interface Findings {
  readonly seconds: number;
  /** Images a second of the encoder alone, before and after. */
  readonly encoderRates: readonly [before: number, after: number];
  /** Requests a second. */
  readonly asked: number;
  readonly run: OpenLoadRun;
  /** Bytes, a second apart. */
  readonly memory: readonly number[];
  /** Milliseconds. */
  readonly livez: readonly number[];
  readonly book: AnswerBook;
}

const timesCapacity = 2;
/** So small that it is soon full; one address may have three quarters of it. */
const queueImages = 8;
/** Share of the time in which memory may still settle. */
const settlingShare = 0.25;

/** Requests come twice as fast as the device can compute them. */
export async function serverOverload(
  subject: Subject,
  options: ServerOverloadOptions,
  onProgress: (text: string) => void,
): Promise<Section> {
  onProgress('loading a server with a small queue');
  const server = await startServerProcess(subject, [
    ...['--max-queue-images', `${queueImages}`, '--max-images', '1'],
  ]);
  try {
    const watch = await startLivezWatch(server.address, subject.folder);
    try {
      onProgress(`twice the capacity for ${options.seconds} s`);
      return section(subject, await overload(server, watch, options));
    } finally {
      await watch.stop();
    }
  } finally {
    await server.stop();
  }
}

async function overload(
  { address, processId }: ServerProcess,
  watch: LivezWatch,
  { encoder, photographs, seconds }: ServerOverloadOptions,
): Promise<Findings> {
  const book = new AnswerBook(encoder.expected);
  const { rate: before } = await encoder.measure();
  const asked = timesCapacity * before;
  const { milliseconds: livez, result } = await watch.during(() =>
    watchMemory(processId, () => openLoad({ address, photographs, rate: asked, seconds, book })),
  );
  const { rate: after } = await encoder.measure();
  const { bytes: memory, result: run } = result;
  return { seconds, encoderRates: [before, after], asked, run, memory, livez, book };
}

function section({ bounded }: Subject, findings: Findings): Section {
  const { seconds, encoderRates, asked, run, memory, livez, book } = findings;
  const { counts } = book;
  const figures = (samples: readonly number[]) =>
    samples.length === 0 ? '' : [0.5, 0.99].map((share) => percentile(samples, share).toFixed(3)).join(', ');
  const rows: (readonly [string, string])[] = [
    ['requests a second', asked.toFixed(3)],
    ['encoder alone, before and after, images/s', encoderRates.map((rate) => rate.toFixed(3)).join(', ')],
    ['answered with features, images/s', rateOf(run.answers).toFixed(3)],
    ['of the encoder', ratio(shareOfEncoder(findings))],
    [
      'in each third of the time, images/s',
      thirds(run.answers, seconds)
        .map((rate) => rate.toFixed(3))
        .join(', '),
    ],
    ['asked', `${counts.asked}`],
    ['right', `${counts.right}`],
    ['refused with 429 and Retry-After', `${counts.refused}`],
    ['lost, wrong, mixed up or failed', `${notRight(counts)}`],
    ['Retry-After, s', run.retryAfter.length === 0 ? '' : rangeOf(run.retryAfter)],
    ['seconds until features, p50, p99', figures(run.latencies)],
    ['seconds until refused, p50, p99', figures(run.refusals)],
    ['seconds of /livez, p50, p99', figures(livez.map((milliseconds) => milliseconds / 1000))],
    [
      'memory at the begin and the end',
      [memory[0], memory.at(-1)].map((bytes) => gigabytes(bytes ?? 0)).join(', '),
    ],
    ['memory, MB a minute', memory.length === 0 ? '' : megabytesPerMinute(memory).toFixed(2)],
  ];
  return {
    title: `Server at twice its capacity for ${seconds} s`,
    header: ['', 'measured'],
    rows,
    notes: [
      `Requests arrive at even intervals; the queue holds ${queueImages} images, and three quarters of that for one address.`,
      'Memory is the resident set of all processes of the server, looked at every second; its slope is that of the best straight',
      'line through all but the first quarter.',
      ...book.problems,
    ],
    checks: [
      ...(bounded ? boundedChecks(findings) : []),
      {
        name: 'answers lost, wrong or mixed up under overload',
        bound: { atMost: 0 },
        measured: notRight(counts),
      },
      { name: 'requests refused under overload', bound: { atLeast: 1 }, measured: counts.refused },
    ],
    samples: {
      'answers: seconds since the begin': run.answers,
      'answers: seconds': run.latencies,
      'refusals: seconds': run.refusals,
      'Retry-After: seconds': run.retryAfter,
      'memory: bytes each second': memory,
      'livez: milliseconds': livez,
    },
  };
}

function boundedChecks({ seconds, memory, livez }: Findings): Check[] {
  return [
    {
      name: '/livez at twice the capacity, p99',
      unit: 'ms',
      bound: { atMost: bounds.livezMilliseconds },
      measured: percentile(livez, 0.99),
    },
    {
      name: 'growth of memory at twice the capacity',
      unit: 'MB/min',
      bound: { atMost: bounds.serverMegabytesPerMinute },
      measured: growthOf(memory, seconds),
    },
  ];
}

/** Buffers and heaps fill up for two minutes: that is no growth. */
const leastSecondsOfGrowth = 300;

function growthOf(memory: readonly number[], seconds: number): Check['measured'] {
  if (memory.length === 0) return { missing: 'needs the /proc of Linux' };
  if (seconds < leastSecondsOfGrowth) return { missing: `needs ${leastSecondsOfGrowth / 60} minutes` };
  return megabytesPerMinute(memory);
}

function shareOfEncoder({ run, encoderRates: [before, after] }: Findings): number {
  return rateOf(run.answers) / ((before + after) / 2);
}

/** From the first answer to the last: the queue is never empty in between. */
function rateOf(answers: readonly number[]): number {
  return (answers.length - 1) / ((answers.at(-1) ?? 0) - (answers[0] ?? 0));
}

function thirds(answers: readonly number[], seconds: number): number[] {
  const third = seconds / 3;
  return [0, 1, 2].map(
    (number) =>
      answers.filter((time) => time >= number * third && time < (number + 1) * third).length / third,
  );
}

function megabytesPerMinute(memory: readonly number[]): number {
  return (slopeOf(memory.slice(Math.floor(memory.length * settlingShare))) * 60) / 1e6;
}

function rangeOf(values: readonly number[]): string {
  return `${Math.min(...values)} - ${Math.max(...values)}`;
}
