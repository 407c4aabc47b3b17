import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@webssl/backend';
import { type AclNativeOptions, aclNative } from '@webssl/backend-acl-native';
import {
  type AscendSimulator,
  buildAscendSimulator,
  readCounters,
  type SimulatorConfiguration,
  type SimulatorCounters,
} from '@webssl-tooling/ascend-simulator';

const built = buildAscendSimulator();

/** Why the simulator cannot be had here; undefined where it can. For names of suites that need it. */
export const missingSimulator = 'missing' in built ? built.missing : undefined;

/** A simulated machine, with a cache of offline models and a folder of counters. */
export class SimulatedAscend {
  readonly simulator: AscendSimulator;
  readonly folder = mkdtempSync(join(tmpdir(), 'webssl-ascend-'));
  readonly counters = mkdtempSync(join(tmpdir(), 'webssl-counters-'));

  constructor(configuration: SimulatorConfiguration = {}) {
    if ('missing' in built) throw new Error(built.missing);
    this.simulator = built.simulator;
    this.configure(configuration);
  }

  /** Makes the machine another one, for libraries that are initialised from now on. */
  configure(configuration: SimulatorConfiguration): void {
    const environment = this.simulator.environment({ counters: this.counters, ...configuration });
    for (const [name, value] of Object.entries(environment)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }

  /** A backend on the simulator; with `freshCache` nothing is compiled for it yet. */
  backend(options: AclNativeOptions = {}, freshCache = false): Backend {
    const { library, compiler } = this.simulator;
    const cacheFolder = freshCache ? mkdtempSync(join(this.folder, 'cache-')) : join(this.folder, 'cache');
    return aclNative({ library, compiler, cacheFolder, ...options });
  }

  /** What this process holds and did, when sessions run in its threads. */
  ownCounters(): SimulatorCounters {
    const own = readCounters(this.counters).find(({ processId }) => processId === process.pid);
    if (own === undefined) throw new Error('This process has not used the simulator.');
    return own;
  }

  /** What the other processes held when they ended. */
  childCounters(): SimulatorCounters[] {
    return readCounters(this.counters).filter(({ processId }) => processId !== process.pid);
  }

  /** What is held by this process, and by the others when they ended, that should not be: the sum of each counter that is not 0. */
  heldByAll(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const counters of readCounters(this.counters)) {
      for (const [name, count] of Object.entries(held(counters))) sums[name] = (sums[name] ?? 0) + count;
    }
    return sums;
  }

  dispose(): void {
    this.configure({});
    rmSync(this.folder, { recursive: true });
    rmSync(this.counters, { recursive: true });
  }
}

/** The counters of what is held, those of them that are not 0. */
export function held(counters: SimulatorCounters): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters).filter(
      ([name, value]) => (name.startsWith('open') || name === 'initialisations') && value !== 0,
    ),
  );
}
