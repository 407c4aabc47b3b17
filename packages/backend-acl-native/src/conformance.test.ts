import { conformanceCases } from '@webssl/backend/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { missingSimulator, SimulatedAscend } from './testing/simulated-ascend.js';

/** Koffi keeps about 100 KiB of every thread that has loaded it. */
const leftByKoffi = 256 * 1024;

describe.skipIf(missingSimulator)(
  `on the simulator${missingSimulator ? ` (${missingSimulator})` : ''}`,
  () => {
    let ascend: SimulatedAscend;
    beforeAll(() => {
      // Slow enough that the caller, and not the device, has time left.
      ascend = new SimulatedAscend({ imageMilliseconds: 0.25 });
    });
    afterAll(() => ascend?.dispose());

    describe.each(['process', 'thread'] as const)('in a %s', (isolation) => {
      // Some cases open a model that has the fixture's key but no graph: what is in the cache would hide that.
      const cases = conformanceCases(() => ascend.backend({}, true), {
        isolation,
        growthBytes: leftByKoffi,
        leftovers: async () => ascend.heldByAll(),
      });
      for (const { name, run, timeoutMilliseconds } of cases) it(name, run, timeoutMilliseconds);
    });
  },
);
