import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { cacheFolder } from '@webssl/registry';
import { writeOutputFile } from '@webssl/tensor-files';
import { allHold, verdictOf } from './checks.js';
import { type BenchOptions, help, type PartName, parseCommandLine } from './command-line.js';
import { describeMachine } from './machine.js';
import { ascendOverhead } from './parts/ascend.js';
import { download } from './parts/download.js';
import { faultStorm } from './parts/fault-storm.js';
import { firstEmbedding } from './parts/first-embedding.js';
import { outliers } from './parts/outliers.js';
import { photographs } from './parts/photographs.js';
import { preprocessing } from './parts/preprocessing.js';
import { serverUnderLoad } from './parts/server.js';
import { steadyState } from './parts/steady-state.js';
import type { MissingPeer, Peer } from './peers/peer.js';
import { findPythonPeer } from './peers/python.js';
import { findPythonHubClient } from './peers/python-hub-client.js';
import { prepareTransformersJs } from './peers/transformers-js.js';
import { formatChecks, formatMachine, formatSection } from './report.js';
import type { Section } from './section.js';
import { prepareSubject, type Subject } from './subject.js';

/** A model as large as the reference model, and one that is a tenth of it and still several parts. */
const downloadBytes = { large: 2_530_000_000, small: 253_000_000 } as const;

/** Enough that neighbours in a queue differ, whatever the clients do. */
const serverPhotographs = 8;
/** One who waits alone, some, and more than a queue is good for. */
const serverClients = [1, 4, 16, 64];

const exitCode = { success: 0, failure: 1, wrongCommandLine: 2, interrupted: 130 } as const;

/** Exiting by itself ends the programs that it started too. */
const endingSignals = ['SIGINT', 'SIGTERM'] as const;

/** Runs the benchmark that a command line asks for. Returns the exit code. */
async function main(parameters: readonly string[]): Promise<number> {
  try {
    const options = parseCommandLine(parameters);
    if (options !== undefined) return await bench(options);
    print(help);
    return exitCode.success;
  } catch (error) {
    if (!WebsslError.isInstance(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.code === 'BENCH_ARGUMENTS_INVALID' ? exitCode.wrongCommandLine : exitCode.failure;
  }
}

async function bench(options: BenchOptions): Promise<number> {
  if (options.json !== undefined) requireFolderOf(options.json);
  const machine = await describeMachine();
  print(`${formatMachine(machine)}\n`);
  const sections = await inWorkFolder((folder, cache) => measure(options, folder, cache));
  const checks = sections.flatMap((section) => section.checks);
  print(checks.length === 0 ? 'No bounds: they are for the default model only.' : formatChecks(checks));
  if (options.json !== undefined) {
    const verdicts = checks.map((check) => ({ ...check, verdict: verdictOf(check) }));
    const report = { date: new Date().toISOString(), machine, options, sections, checks: verdicts };
    await writeOutputFile(options.json, Buffer.from(`${JSON.stringify(report, undefined, 2)}\n`));
  }
  return allHold(checks) ? exitCode.success : exitCode.failure;
}

async function measure(options: BenchOptions, folder: string, cache: string): Promise<Section[]> {
  const prepare = once(() => prepareModel(options, folder, cache));
  const sections: Section[] = [];
  for (const name of options.parts) {
    const found =
      name in ownParts
        ? await ownParts[name as keyof typeof ownParts](options, folder)
        : await modelParts[name as keyof typeof modelParts](await prepare(), options);
    for (const section of [found].flat()) {
      print(`${formatSection(section)}\n`);
      sections.push(section);
    }
  }
  return sections;
}

/** What the parts that compute with a model share. */
interface PreparedModel {
  readonly subject: Subject;
  readonly peers: readonly (Peer | MissingPeer)[];
}

async function prepareModel(options: BenchOptions, folder: string, cache: string): Promise<PreparedModel> {
  const threads = options.threads ?? availableParallelism();
  progress(`opening ${options.model}`);
  const subject = await prepareSubject(options.model, threads, folder);
  progress('preparing the peers');
  const peers = [findPythonPeer(options.python, subject)];
  if (options.parts.some((part) => part === 'first' || part === 'steady'))
    peers.unshift(await prepareTransformersJs(subject, cache));
  const weights = subject.checkpoint.synthetic === undefined ? '' : ', SYNTHETIC WEIGHTS';
  print(`Model ${subject.checkpoint.id}${weights}, ${threads} threads\n`);
  return { subject, peers };
}

type ModelPart = (model: PreparedModel, options: BenchOptions) => Promise<Section | Section[]>;

const modelParts = {
  first: ({ subject, peers }, { runs }) => firstEmbedding(subject, peers, runs, progress),
  steady: ({ subject, peers }, { rounds }) => steadyState(subject, peers, rounds, progress),
  preprocessing: ({ subject, peers }, { rounds }) => preprocessing(subject, peers, rounds, progress),
  outliers: ({ subject }) => outliers(subject, progress),
  photographs: ({ subject }, { rounds, photographs: count }) =>
    photographs(subject, { photographs: count, rounds }, progress),
  server: ({ subject }, { serverRounds, serverTurnSeconds, overloadMinutes }) =>
    serverUnderLoad(
      subject,
      {
        photographs: serverPhotographs,
        clients: serverClients,
        rounds: serverRounds,
        turnSeconds: serverTurnSeconds,
        overloadSeconds: 60 * overloadMinutes,
      },
      progress,
    ),
} satisfies Partial<Record<PartName, ModelPart>>;

type OwnPart = (options: BenchOptions, folder: string) => Promise<Section>;

/** The parts that need no model. */
const ownParts = {
  download: ({ python, runs }, folder) =>
    download({ ...downloadBytes, folder }, findPythonHubClient(python), runs, progress),
  ascend: ({ rounds }, folder) => ascendOverhead(folder, rounds, progress),
  storm: (_, folder) => faultStorm(folder, progress),
} satisfies Partial<Record<PartName, OwnPart>>;

/** Made when it is first needed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** In the cache, so that it is on the file system of the synthetic checkpoints: weights are linked, not copied. */
async function inWorkFolder<T>(work: (folder: string, cache: string) => Promise<T>): Promise<T> {
  const cache = join(cacheFolder(), 'bench');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'run-'));
  const interrupt = () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(exitCode.interrupted);
  };
  for (const signal of endingSignals) process.once(signal, interrupt);
  try {
    return await work(folder, cache);
  } finally {
    for (const signal of endingSignals) process.off(signal, interrupt);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Better now than when everything has been measured. */
function requireFolderOf(file: string): void {
  if (existsSync(dirname(resolve(file)))) return;
  throw new WebsslError({
    code: 'BENCH_ARGUMENTS_INVALID',
    message: `There is no folder ${dirname(resolve(file))} to write --json ${file} to.`,
  });
}

/** pnpm runs this in the folder of the package; paths are meant from where the user typed. */
function changeToUserFolder({ INIT_CWD, npm_lifecycle_event }: NodeJS.ProcessEnv): void {
  if (npm_lifecycle_event === 'start' && INIT_CWD) process.chdir(INIT_CWD);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function progress(text: string): void {
  process.stderr.write(`${text} ...\n`);
}

changeToUserFolder(process.env);
process.exitCode = await main(process.argv.slice(2));
