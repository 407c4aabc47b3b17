import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { aclNative } from '@webssl/backend-acl-native';
import { median } from '@webssl/metrics';
import { readCounters } from '@webssl-tooling/ascend-simulator';
import { type StormOutcome, stormSeed } from '@webssl-tooling/ascend-simulator/fault-storm';
import type { Section } from '../section.js';
import { requireSimulator } from './ascend.js';

const seeds = 500;
const patienceMilliseconds = 10_000;

/** Sessions on a simulated NPU that fails at every place of their life: each step ends in a right result or a typed error. */
export async function faultStorm(folder: string, onProgress: (text: string) => void): Promise<Section> {
  const simulator = requireSimulator();
  const counters = join(folder, 'storm');
  await mkdir(counters);
  const plan = (faults: string) => setEnvironment(simulator.environment({ counters, faults }));
  const backend = aclNative({
    library: simulator.library,
    compiler: simulator.compiler,
    cacheFolder: join(folder, 'offline-models'),
    deadlineMilliseconds: 1500,
    openDeadlineMilliseconds: 2500,
  });
  const outcomes: StormOutcome[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    if (seed % 50 === 0) onProgress(`fault storm, seed ${seed} of ${seeds}`);
    const options = { backend, plan, counters: () => readCounters(counters), patienceMilliseconds };
    outcomes.push(await stormSeed(seed, options));
  }
  setEnvironment(simulator.environment());
  await rm(counters, { recursive: true });
  return section(outcomes);
}

function setEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

function section(outcomes: readonly StormOutcome[]): Section {
  const steps = outcomes.flatMap((outcome) => outcome.steps);
  const counts = new Map<string, number>();
  for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1);
  const wrong = outcomes.filter(({ problems }) => problems.length > 0);
  const longest = outcomes.map(({ longestStep }) => longestStep / 1000);
  return {
    title: `Fault storm: ${outcomes.length} sessions on a SIMULATED NPU that fails`,
    header: ['how a step ended', 'steps'],
    rows: [...counts].sort(([, a], [, b]) => b - a).map(([step, count]) => [step, String(count)]),
    notes: [
      `${steps.length} steps: openings, runs, closings. The longest took ${Math.max(...longest).toFixed(1)} s, the median session's longest ${median(longest).toFixed(2)} s.`,
      ...wrong.map(({ seed, faults, problems }) => `seed ${seed} (${faults}): ${problems.join('; ')}`),
    ],
    checks: [
      { name: 'sessions of the storm that went wrong', bound: { atMost: 0 }, measured: wrong.length },
      {
        name: 'longest step of the storm',
        unit: 's',
        bound: { atMost: patienceMilliseconds / 1000 },
        measured: Math.max(...longest),
      },
    ],
    samples: { longestStep: longest },
  };
}
