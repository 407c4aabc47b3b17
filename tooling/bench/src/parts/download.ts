import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '@webssl/metrics';
import { bounds } from '../bounds.js';
import type { Check } from '../checks.js';
import { Contender } from '../contender.js';
import { type HubModel, startDownloadHub, weightsAddress } from '../download-hub.js';
import { range, ratio } from '../format.js';
import { builtProgram } from '../paths.js';
import type { MissingPeer } from '../peers/peer.js';
import type { HubClient } from '../peers/python-hub-client.js';
import type { Program } from '../program.js';
import type { Section } from '../section.js';
import { type Turn, takeTurns } from '../turns.js';

/** What is downloaded, and where it is kept meanwhile. */
export interface DownloadTask {
  /** Bytes of the weights. */
  readonly large: number;
  /** Of a second model, to see whether memory grows with the size. */
  readonly small: number;
  /** Where the downloads are kept until they are measured, on the disk that is measured. */
  readonly folder: string;
}

/** Someone whose rate is measured: one task of a program that is a fresh process each time. */
interface Runner {
  readonly id: string;
  readonly task: 'download' | 'write' | 'hash';
  readonly program: Program;
  /** Of the file that it downloads, writes or hashes. */
  readonly bytes: number;
  readonly optional: boolean;
}

/** One run. */
interface Run {
  readonly seconds: number;
  /** Largest resident memory of the process during the task, less what it had before; absent where the system does not tell. */
  readonly grownBytes: number | undefined;
}

type Runs = ReadonlyMap<string, readonly Run[]>;

/** Bytes of one write; which is faster depends on the system. */
const steps = { '1 MiB': 1024 ** 2, '8 MiB': 8 * 1024 ** 2 } as const;

const ownId = 'webssl';
const smallId = 'webssl, small model';
const hashId = 'sha256 from memory, 1 MiB at a time';
const writeIds = Object.keys(steps).map(writeId);

function writeId(step: string): string {
  return `synced write, ${step} at a time`;
}

/** A model from a hub on loopback into an empty cache: how fast, beside what limits every download, and with how much memory. */
export async function download(
  task: DownloadTask,
  python: HubClient | MissingPeer,
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Section> {
  const large = { id: 'bench-org/large-model', weightBytes: task.large };
  const small = { id: 'bench-org/small-model', weightBytes: task.small };
  onProgress('starting a hub on loopback');
  const hub = await startDownloadHub([large, small], task.folder);
  try {
    const kept = join(task.folder, 'download');
    const runners: Runner[] = [
      ownRunner(ownId, large, 4, hub.endpoint, kept),
      ...limitRunners(task.large, kept),
      ownRunner('webssl, 1 connection', large, 1, hub.endpoint, kept),
      ...('missing' in python ? [] : [pythonRunner(python, large, hub.endpoint, kept)]),
      plainRunner(large, hub.endpoint),
      ownRunner(smallId, small, 4, hub.endpoint, kept),
    ];
    const { results, dropped } = await takeTurns(
      runners.map((runner) => turn(runner, kept)),
      rounds,
      (round) => onProgress(`download, round ${round} of ${rounds}`),
    );
    return section(runners, results, [
      `Weights of ${megabytes(task.large)} MB (small model: ${megabytes(task.small)} MB), which the hub makes up as it sends them.`,
      `Medians of ${rounds} rounds in turn; a fresh process and an empty cache each time, from the call to its end.`,
      'Memory is the largest resident set of the process with its threads, less what it had when everything was imported.',
      'webssl verifies and syncs what it gets, with 4 connections unless it says otherwise; Python does neither, over one.',
      ...('missing' in python ? [`skipped: ${python.name}: ${python.missing}`] : []),
      ...[...dropped].map(([id, reason]) => `skipped: ${id}: ${reason}`),
    ]);
  } finally {
    await hub.stop();
  }
}

/** All find the same memory and an empty place; what they leave is removed. */
function turn(runner: Runner, kept: string): Turn<Run> {
  return {
    id: runner.id,
    optional: runner.optional,
    measure: async () => {
      try {
        return await runOnce(runner);
      } finally {
        await rm(kept, { recursive: true, force: true });
      }
    },
  };
}

async function runOnce({ id, program, task }: Runner): Promise<Run> {
  const contender = await Contender.start(id, {
    ...program,
    environment: { ...withoutProxy, ...program.environment },
  });
  try {
    const idle = contender.memory();
    const milliseconds = await contender.run(task, 'milliseconds');
    const after = contender.memory();
    return {
      seconds: milliseconds / 1000,
      grownBytes: idle === undefined || after === undefined ? undefined : after.peak - idle.now,
    };
  } finally {
    await contender.stop();
  }
}

/** The hub is on this machine. */
const withoutProxy = { NO_PROXY: '*', no_proxy: '*' } as const;

function section(runners: readonly Runner[], results: Runs, notes: readonly string[]): Section {
  const limit = slowerLimit(runners, results);
  const finished = runners.filter(({ id }) => results.has(id));
  const rows = finished.map((runner) => {
    const samples = rates(runner, results);
    const grown = runner.task === 'download' ? grownBytes(runner.id, results) : [];
    return [
      runner.id,
      megabytes(median(samples)),
      range(
        samples.map((rate) => rate / 1e6),
        0,
      ),
      ratio(median(samples) / limit),
      grown.length === 0 ? '' : megabytes(Math.max(...grown)),
    ];
  });
  return {
    title: 'Download: a model from a hub on loopback',
    header: ['', 'MB/s', 'range', 'of the slower limit', 'MB above idle'],
    rows,
    notes,
    checks: checks(runners, results, limit),
    samples: Object.fromEntries(
      finished.flatMap(({ id }) => [
        [`${id}: seconds`, (results.get(id) ?? []).map(({ seconds }) => seconds)] as const,
        [`${id}: bytes above idle`, grownBytes(id, results)] as const,
      ]),
    ),
  };
}

function checks(runners: readonly Runner[], results: Runs, limit: number): Check[] {
  const memory = (name: string, id: string): Check => {
    const grown = grownBytes(id, results);
    return {
      name,
      unit: 'MB',
      bound: { atMost: bounds.downloadMegabytes },
      measured: grown.length === 0 ? { missing: 'needs the /proc of Linux' } : Math.max(...grown) / 1e6,
    };
  };
  return [
    {
      name: 'download rate / the slower of synced write and sha256',
      bound: { atLeast: bounds.downloadOfSlower },
      measured: rateOf(ownId, runners, results) / limit,
    },
    memory('memory of a download above idle', ownId),
    memory('memory of a small download above idle', smallId),
  ];
}

/** Bytes per second that no client can exceed which writes, syncs and hashes what it gets. */
function slowerLimit(runners: readonly Runner[], results: Runs): number {
  const write = Math.max(...writeIds.map((id) => rateOf(id, runners, results)));
  return Math.min(write, rateOf(hashId, runners, results));
}

/** Median bytes per second. */
function rateOf(id: string, runners: readonly Runner[], results: Runs): number {
  return median(runners.filter((runner) => runner.id === id).flatMap((runner) => rates(runner, results)));
}

function rates({ id, bytes }: Runner, results: Runs): number[] {
  return (results.get(id) ?? []).map(({ seconds }) => bytes / seconds);
}

function grownBytes(id: string, results: Runs): number[] {
  return (results.get(id) ?? []).flatMap(({ grownBytes }) => grownBytes ?? []);
}

function ownRunner(
  id: string,
  model: HubModel,
  connections: number,
  endpoint: string,
  cache: string,
): Runner {
  const parameters = [
    ...['--model', model.id, '--endpoint', endpoint, '--cache', cache],
    ...['--connections', `${connections}`],
  ];
  return {
    id,
    task: 'download',
    program: node('download-webssl', parameters),
    bytes: model.weightBytes,
    optional: false,
  };
}

function limitRunners(bytes: number, file: string): Runner[] {
  const runner = (id: string, task: 'write' | 'hash', step: number): Runner => ({
    id,
    task,
    program: node('download-limits', ['--file', file, '--bytes', `${bytes}`, '--step', `${step}`]),
    bytes,
    optional: false,
  });
  return [
    ...Object.entries(steps).map(([name, step]) => runner(writeId(name), 'write', step)),
    runner(hashId, 'hash', steps['1 MiB']),
  ];
}

function pythonRunner(python: HubClient, model: HubModel, endpoint: string, cache: string): Runner {
  const program = python.download(model, endpoint, cache);
  return {
    id: python.name,
    task: 'download',
    program,
    bytes: model.weightBytes,
    optional: true,
  };
}

function plainRunner(model: HubModel, endpoint: string): Runner {
  const parameters = ['--address', weightsAddress(endpoint, model), '--bytes', `${model.weightBytes}`];
  return {
    id: 'undici, one GET, nothing kept',
    task: 'download',
    program: node('download-plain', parameters),
    bytes: model.weightBytes,
    optional: false,
  };
}

function node(name: string, parameters: readonly string[]): Program {
  return { command: process.execPath, parameters: [builtProgram(name), ...parameters] };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
