import { parseArgs } from 'node:util';
import { WebsslError } from '@webssl/backend';
import { referenceModel } from './subject.js';

const partNames = [
  'first',
  'steady',
  'preprocessing',
  'download',
  'ascend',
  'storm',
  'outliers',
  'photographs',
  'server',
] as const;
export type PartName = (typeof partNames)[number];

/** These take ten minutes and more: they are only had when they are asked for. */
const longParts: readonly string[] = ['outliers', 'photographs', 'server'];
const usualParts = partNames.filter((name) => !longParts.includes(name));

/** What is measured, and how. */
export interface BenchOptions {
  readonly model: string;
  /** Threads of each program; absent for the cores. */
  readonly threads: number | undefined;
  readonly parts: readonly PartName[];
  /** Rounds of what is a fresh process each time, first embeddings and downloads, not counting the one that warms up. */
  readonly runs: number;
  /** Rounds of everything that stays loaded. */
  readonly rounds: number;
  /** Photographs of all rounds of that part together. */
  readonly photographs: number;
  /** Rounds of the server, in which 64 clients wait for one device. */
  readonly serverRounds: number;
  /** How long each turn of the server takes at least, in seconds. */
  readonly serverTurnSeconds: number;
  /** How long the server is asked for twice of what it can do. */
  readonly overloadMinutes: number;
  /** File for the raw samples. */
  readonly json: string | undefined;
  readonly python: string;
}

export const help = `Usage: npm run bench -- [options]

  --model MODEL   as for webssl embed; its bounds apply to the default only (${referenceModel})
  --threads N     threads of each program (default: the cores)
  --only PART     ${partNames.join(', ')}; may be given more than once (default: all but the last three)
  --runs N        first embeddings and downloads of each program (default: 5)
  --rounds N      rounds of what stays loaded (default: 10; server: 3)
  --minutes N     server: how long twice its capacity is asked for (default: 10)
  --quick         2 runs and 3 rounds; 24 photographs instead of 200; server: 1 round of short turns, 1 minute
  --json FILE     also write the raw samples
  --python FILE   a Python with torch and transformers, or huggingface_hub for downloads (default: python3)
  --help

Exit codes: 0 every bound that could be measured holds, 1 one does not or something failed, 2 wrong command line.`;

/**
 * @returns undefined when help is asked for
 * @throws WebsslError `BENCH_ARGUMENTS_INVALID`
 */
export function parseCommandLine(parameters: readonly string[]): BenchOptions | undefined {
  const values = parse(parameters);
  if (values.help) return undefined;
  const quick = values.quick ?? false;
  const rounds = count('rounds', values.rounds);
  return {
    model: values.model ?? referenceModel,
    threads: count('threads', values.threads),
    parts: (values.only ?? usualParts).map(partName),
    runs: count('runs', values.runs) ?? (quick ? 2 : 5),
    rounds: rounds ?? (quick ? 3 : 10),
    photographs: quick ? 24 : 200,
    serverRounds: rounds ?? (quick ? 1 : 3),
    // In 42 s and three rounds the reference model answers a single client a hundred times.
    serverTurnSeconds: quick ? 10 : 42,
    overloadMinutes: count('minutes', values.minutes) ?? (quick ? 1 : 10),
    json: values.json,
    python: values.python ?? 'python3',
  };
}

function parse(parameters: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const { values } = parseArgs({
      args: [...parameters],
      options: {
        model: text,
        threads: text,
        only: { ...text, multiple: true },
        runs: text,
        rounds: text,
        minutes: text,
        quick: flag,
        json: text,
        python: text,
        help: flag,
      },
    });
    return values;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw invalid(`--${name} must be a whole number from 1 to 9999, not ${text}.`);
  return Number(text);
}

function partName(text: string): PartName {
  const part = partNames.find((name) => name === text);
  if (part === undefined) throw invalid(`There is no part ${text}; the parts are ${partNames.join(', ')}.`);
  return part;
}

function invalid(message: string): WebsslError {
  return new WebsslError({ code: 'BENCH_ARGUMENTS_INVALID', message });
}
