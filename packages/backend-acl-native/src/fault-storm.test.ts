import { readCounters } from '@webssl-tooling/ascend-simulator';
import { stormSeed } from '@webssl-tooling/ascend-simulator/fault-storm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingSimulator, SimulatedAscend } from './testing/simulated-ascend.js';

/** `npm run bench -- --only storm` has 500. */
const seeds = Number(process.env['WEBSSL_STORM_SEEDS'] ?? 40);

describe.skipIf(missingSimulator)(
  `a device that fails anywhere${missingSimulator ? ` (${missingSimulator})` : ''}`,
  () => {
    let ascend: SimulatedAscend;
    beforeAll(() => {
      ascend = new SimulatedAscend();
    });
    afterAll(() => ascend?.dispose());

    it(`ends every step of ${seeds} sessions in a right result or a typed error, and leaves nothing behind`, async () => {
      const backend = ascend.backend({ deadlineMilliseconds: 1500, openDeadlineMilliseconds: 2500 });
      const outcomes = [];
      for (let seed = 0; seed < seeds; seed++) {
        outcomes.push(
          await stormSeed(seed, {
            backend,
            plan: (faults) => ascend.configure({ faults }),
            counters: () => readCounters(ascend.counters),
            patienceMilliseconds: 10_000,
          }),
        );
      }
      expect(outcomes.filter(({ problems }) => problems.length > 0)).toEqual([]);
      // Faults that never happen would prove nothing.
      const failed = outcomes.filter(({ steps }) =>
        steps.some((step) => step !== 'ok' && step !== 'BACKEND_ABORTED'),
      );
      expect(failed.length).toBeGreaterThan(seeds / 3);
    }, 600_000);
  },
);
